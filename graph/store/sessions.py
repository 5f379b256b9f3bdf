"""Sessions, as they are read."""

from dataclasses import dataclass
from datetime import datetime

from graph.model import Seen
from graph.query import query
from graph.rules.probable import Resolved
from graph.rules.times import milliseconds
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Latest:
    """The session that a jar was last used in. If it was handed over, `last_seen` is that of its last successor.

    `os` and `device_class` are what the jar has shown of its browser (`graph/rules/contradiction.py`).
    """

    session_id: str
    started_at: datetime
    last_seen: datetime
    os: str | None
    device_class: str | None


@dataclass(frozen=True)
class HasLogin:
    """Whether a session has a verified login of a user."""

    has_login: bool


@dataclass(frozen=True)
class _LockedJar:
    is_contradicted: bool


latest = query("sessions/latest", Latest)
has_login = query("sessions/has_login", HasLogin)
_lock_jar = query("sessions/lock_jar", _LockedJar)


def lock_jar(tx: Transaction, jar_id: str, jar_kind: str, at: datetime) -> bool:
    """Lock a jar without the visitor that it is in, creating it if it does not exist; return whether it is locked.

    A contradicted jar stays unlocked.
    """
    if _lock_jar.one(tx, jar_id=jar_id, jar_kind=jar_kind, at=milliseconds(at)).is_contradicted:
        return False
    tx.locks.take(Rung.JAR, [jar_id])
    return True


@dataclass(frozen=True)
class Session:
    """A session: what was observed when it began, and its tenure, times and number of events now.

    `evidence` is JSON text. `successor_id` is the session that another user's login began in its place.
    """

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


@dataclass(frozen=True)
class FoundSession(Session):
    """A session, whose its tenure is, and those of the identities in this that are hidden from reads."""

    resolved: Resolved
    hidden_ids: list[str]


get = query("sessions/get", FoundSession)
