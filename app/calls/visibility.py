"""Hide and show users and relationships."""

from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import visibility
from graph.rules.identifiers import kept_id


def run(user_id: str, visitor_id: str | None, sent: Sent, idempotency_key: str | None) -> visibility.Shown:
    """Hide or show the user's relationship with the visitor; without a visitor, the user."""
    command = visibility.Visibility(
        user_id=kept_id(user_id), visitor_id=visitor_id, visible=sent["visible"], **by_whom(sent["reason"])
    )
    return once(visibility.act, command, call=visibility.CALL, idempotency_key=idempotency_key, kind=visibility.Shown)
