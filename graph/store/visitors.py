"""Visitors: one browser on one device each."""

from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import query


@dataclass(frozen=True)
class Visitor:
    """A visitor and what it consists of."""

    visitor_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    latest_tenure_id: str
    known_jars: int
    jars: list[str]
    tenures: list[str]
    fingerprints: list[str]
    sessions: int
    events: int


_get = query("visitors/get", Visitor)


def get(tx: Transaction, tenant: str, visitor_id: str) -> Visitor | None:
    """One visitor, or None."""
    rows = _get(tx, tenant=tenant, visitor_id=visitor_id)
    return rows[0] if rows else None
