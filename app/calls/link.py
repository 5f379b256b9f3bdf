"""Link two users, and undo a link."""

from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import link, unlink
from graph.rules.identifiers import kept_id


def run(user_id: str, sent: Sent, idempotency_key: str | None) -> link.Linked:
    """Link the user with the user `to`: they are one person's accounts."""
    command = link.LinkUsers(user_id=kept_id(user_id), to=sent["to"], **by_whom(sent["reason"]))
    return once(link.act, command, call=link.CALL, idempotency_key=idempotency_key, kind=link.Linked)


def undo(user_id: str, to_user_id: str, sent: Sent, idempotency_key: str | None) -> unlink.Unlinked:
    """Undo the link of two users."""
    command = unlink.Unlink(user_id=kept_id(user_id), to=kept_id(to_user_id), **by_whom(sent["reason"]))
    return once(unlink.act, command, call=unlink.CALL, idempotency_key=idempotency_key, kind=unlink.Unlinked)
