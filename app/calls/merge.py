"""Merge a visitor into another."""

from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import merge


def run(visitor_id: str, sent: Sent, idempotency_key: str | None) -> merge.Merged:
    """Merge the visitor into the visitor `into`, which stands for both from now on."""
    command = merge.Merge(visitor_id=visitor_id, into=sent["into"], is_forced=sent["force"], **by_whom(sent["reason"]))
    return once(merge.act, command, call=merge.CALL, idempotency_key=idempotency_key, kind=merge.Merged)
