"""The audit trail: who changed what about a user or a visitor, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.database import Transaction
from graph.model import Message
from graph.rules.identifiers import kept_id
from graph.rules.relationships import Relationship
from graph.store import audit as store
from graph.store.audit import Entry
from graph.store.messages import canonical


@dataclass(frozen=True)
class Change:
    """One change as it is written down, once for each of its subjects (`user:ID`, `visitor:ID`).

    The first of its entries stands for the call that made it, if one did, with what that answered.
    """

    change_id: str
    subjects: tuple[str, ...]
    act: str
    actor: str
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: datetime
    message: Message | None = None
    answer: str | None = None


def record(tx: Transaction, tenant: str, changes: Sequence[Change]) -> None:
    """Write changes down, in the transaction that makes them."""
    if changes:
        store.record(tx, tenant, [_row(change) for change in changes])


def page(
    tx: Transaction, tenant: str, subject: str, *, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Entry]:
    """The changes of a subject before a (time, id), newest first; an identity's are those of what its id is of."""
    kind, _, one_id = subject.partition(":")
    if kind == "identity":
        subject = store.subject_of(tx, tenant, one_id) or subject
    elif kind == "user":
        subject = f"user:{kept_id(one_id)}"
    return store.page(tx, tenant, subject, since=since, before=before, limit=limit)


def relationship(user_id: str, visitor_id: str, known: Relationship | None) -> dict[str, Any] | None:
    """A relationship as an entry tells of it."""
    if known is None:
        return None
    return {
        "userId": user_id,
        "visitorId": visitor_id,
        "confidence": known.confidence,
        "count": known.count,
        "source": known.source.value,
    }


def _row(change: Change) -> dict[str, object]:
    message = change.message
    return {
        "change_id": change.change_id,
        "subjects": list(change.subjects),
        "act": change.act,
        "actor": change.actor,
        "reason": change.reason,
        "before": canonical(change.before) if change.before is not None else None,
        "after": canonical(change.after) if change.after is not None else None,
        "at": change.at.isoformat(),
        "message_id": message.message_id if message else None,
        "request_hash": message.request_hash if message else None,
        "answer": change.answer if message else None,
    }
