"""Take a user from a visitor."""

from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import release
from graph.rules.identifiers import kept_id


def run(user_id: str, visitor_id: str, sent: Sent, idempotency_key: str | None) -> release.Released:
    """Release the user's claims on the visitor, and open a cannot-link between the two."""
    command = release.Release(user_id=kept_id(user_id), visitor_id=visitor_id, **by_whom(sent["reason"]))
    return once(release.act, command, call=release.CALL, idempotency_key=idempotency_key, kind=release.Released)
