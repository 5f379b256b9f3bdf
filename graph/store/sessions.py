"""Sessions as they stand."""

from dataclasses import dataclass
from datetime import datetime

from graph.model import Seen
from graph.queries import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Latest:
    """The session a jar was last used in."""

    session_id: str
    started_at: datetime
    last_seen: datetime


_latest = query("sessions/latest", Latest)


def latest(tx: Transaction, jar_id: str) -> Latest | None:
    """The session a jar was last used in, None for a jar without one."""
    rows = _latest(tx, jar_id=jar_id)
    return rows[0] if rows else None


@dataclass(frozen=True)
class Session:
    """A session as observed when it began, and as it stands; `evidence` is JSON text."""

    session_id: str
    visitor_id: str
    jar_id: str
    tenure_id: str
    started_at: datetime
    last_seen: datetime
    events: int
    method: str
    confidence: float
    evidence: str
    fingerprint: str | None
    seen: Seen
    page_url: str | None
    page_referrer: str | None
    page_title: str | None
    successor_id: str | None


_get = query("sessions/get", Session)


def get(tx: Transaction, session_id: str) -> Session | None:
    """One session, or None."""
    rows = _get(tx, session_id=session_id)
    return rows[0] if rows else None
