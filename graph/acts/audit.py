"""The audit trail: who changed what about a user or a visitor, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.model import Change, Message
from graph.rules.identifiers import in_case, kept_id
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship
from graph.store import audit as store
from graph.store.audit import Entry
from graph.store.messages import canonical
from graph.transaction import Transaction


@dataclass(frozen=True)
class Trace:
    """What the audit trail keeps of a change: one entry for each of its subjects (`user:ID`, `visitor:ID`).

    If a call made the change, `message` is the call's and `answer` is what it was answered. The first entry keeps both,
    so that a repeat of the call is recognised.
    """

    change: Change
    subjects: tuple[str, ...]
    act: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    message: Message | None = None
    answer: str | None = None


def record(tx: Transaction, *traces: Trace) -> None:
    """Write the entries of changes, in the transaction that makes the changes."""
    if traces:
        store.record(tx, rows=rows(*traces))


def page(
    tx: Transaction,
    subject: str,
    *,
    since: datetime,
    before: tuple[datetime, str],
    limit: int,
    policy: Policy,
) -> Sequence[Entry]:
    """Return the entries of a subject since a time and before a (time, entry id), newest first, at most `limit`.

    The entries of `identity:ID` are those of the user, or of the visitor that the tenure with this id is on.
    """
    kind, _, subject_id = subject.partition(":")
    if kind == "identity":
        subject = store.subject_of(tx, subject_id) or subject
    elif kind == "user":
        subject = f"user:{in_case(kept_id(subject_id), policy.user_id_case)}"
    return store.page(tx, subject, since=since, before=before, limit=limit)


def relationship(user_id: str, visitor_id: str, weighed: Relationship | None) -> dict[str, Any] | None:
    """Return a relationship as `before` or `after` of an entry holds it; None if there was or is none."""
    if weighed is None:
        return None
    return {
        "userId": user_id,
        "visitorId": visitor_id,
        "confidence": weighed.confidence,
        "count": weighed.count,
        "source": weighed.source.value,
    }


def rows(*traces: Trace) -> list[dict[str, object]]:
    """Return traces as rows for the part `audit_entries`."""
    return [_row(trace) for trace in traces]


def _row(trace: Trace) -> dict[str, object]:
    change, message = trace.change, trace.message
    return {
        "change_id": change.id,
        "subjects": list(trace.subjects),
        "act": trace.act,
        "actor": change.actor,
        "reason": change.reason,
        "before": canonical(trace.before) if trace.before is not None else None,
        "after": canonical(trace.after) if trace.after is not None else None,
        "at": change.at.isoformat(),
        "message_id": message.kept_id if message else None,
        "request_hash": message.request_hash if message else None,
        "answer": trace.answer if message else None,
    }
