"""Sessions as they stand."""

from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import query


@dataclass(frozen=True)
class Latest:
    """The session a jar was last used in."""

    session_id: str
    started_at: datetime
    last_seen: datetime


_latest = query("sessions/latest", Latest)


def latest(tx: Transaction, tenant: str, jar_id: str) -> Latest | None:
    """The session a jar was last used in, None for a jar without one."""
    rows = _latest(tx, tenant=tenant, jar_id=jar_id)
    return rows[0] if rows else None
