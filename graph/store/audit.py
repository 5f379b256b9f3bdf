"""The audit trail: what was changed, by whom and why; its entries are written once and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Entry:
    """One change of one subject. `before` and `after` are JSON text, or None if there was or is nothing."""

    entry_id: str
    change_id: str
    subject: str
    act: str
    actor: str
    reason: str | None
    before: str | None
    after: str | None
    at: datetime


@dataclass(frozen=True)
class _Subject:
    subject: str


record = query("audit/record", Nothing)
_subject = query("audit/subject", _Subject)
_page = query("audit/page", Entry)


def subject_of(tx: Transaction, identity_id: str) -> str | None:
    """Return the subject of the entries of an identity: its user, or its tenure's visitor; None for an unknown id."""
    rows = _subject(tx, identity_id=identity_id)
    return rows[0].subject if rows else None


def page(
    tx: Transaction, subject: str, *, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Entry]:
    """Return the latest entries of a subject since a time and before a (time, entry id)."""
    return _page(tx, subject=subject, since=since, before_at=before[0], before_id=before[1], limit=limit)
