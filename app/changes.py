"""Make changes that may be sent twice, by a call or by an item of a batch.

A change with an idempotency key is made once; a repeat gets the same answer.
"""

from app import calls
from app.calls import Sent
from app.idempotency import once
from graph.acts import merge, release, split, visibility


def released(user_id: str, visitor_id: str, sent: Sent, key: str | None) -> release.Released:
    """Take a user from a visitor."""
    command = calls.release_of(user_id, visitor_id, sent["reason"])
    return once(release.act, command, call=release.CALL, key=key, kind=release.Released)


def merged(visitor_id: str, sent: Sent, key: str | None) -> merge.Merged:
    """Merge a visitor into another."""
    return once(merge.act, calls.merge_of(visitor_id, sent), call=merge.CALL, key=key, kind=merge.Merged)


def split_off(visitor_id: str, sent: Sent, key: str | None) -> split.Apart:
    """Take a part out of a visitor, or undo its merge."""
    return once(split.act, calls.split_of(visitor_id, sent), call=split.CALL, key=key, kind=split.Apart)


def shown(user_id: str, visitor_id: str | None, sent: Sent, key: str | None) -> visibility.Shown:
    """Hide or show a user, or their relationship with a visitor."""
    command = calls.visibility_of(user_id, visitor_id, sent)
    return once(visibility.act, command, call=visibility.CALL, key=key, kind=visibility.Shown)
