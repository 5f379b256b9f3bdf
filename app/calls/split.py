"""Split a visitor."""

from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import split


def run(visitor_id: str, sent: Sent, idempotency_key: str | None) -> split.Separated:
    """Take a part out of the visitor, or undo its merge."""
    command = split.Split(
        visitor_id=visitor_id,
        jar_id=sent["jar"],
        tenure_id=sent["tenure"],
        fingerprint=sent["fingerprint"],
        jars_max=split.JARS_MAX,
        **by_whom(sent["reason"]),
    )
    return once(split.act, command, call=split.CALL, idempotency_key=idempotency_key, kind=split.Separated)
