"""Take a user from a visitor, or from all that were claimed within a time."""

from app import context
from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import release
from graph.rules.identifiers import kept_id


def run(user_id: str, visitor_id: str, sent: Sent, idempotency_key: str | None) -> release.Released:
    """Release the user's claims on the visitor, and open a cannot-link between the two."""
    command = release.Release(user_id=kept_id(user_id), visitor_id=visitor_id, **by_whom(sent["reason"]))
    return once(release.act, command, call=release.CALL, idempotency_key=idempotency_key, kind=release.Released)


def run_each(user_id: str, sent: Sent) -> release.ReleasedFrom:
    """Release the user's claims of one kind and time, on one visitor after the other."""
    user_id = kept_id(user_id)
    claims = release.Claims.of(user_id, sent["source"], sent["since"], sent["until"])

    def removal(visitor_id: str) -> release.Release:
        return release.Release(user_id=user_id, visitor_id=visitor_id, **by_whom(sent["reason"]))

    return release.each(context.graph(), claims, removal)
