"""Sessions, as they are read."""

from collections.abc import Sequence
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

    jar_id: str
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
class JarToLock:
    """A jar, with what it is made with if it does not exist."""

    jar_id: str
    jar_kind: str
    at: datetime


@dataclass(frozen=True)
class _LockedJar:
    jar_id: str
    is_contradicted: bool


has_login = query("sessions/has_login", HasLogin)
_latest = query("sessions/latest", Latest)
_lock_jars = query("sessions/lock_jars", _LockedJar)


def lock_jars(tx: Transaction, jars: Sequence[JarToLock]) -> set[str]:
    """Lock jars without the visitors that they are in, creating those that do not exist; return which are locked.

    A contradicted jar stays unlocked.
    """
    rows = [
        {"jar_id": jar.jar_id, "jar_kind": jar.jar_kind, "at": milliseconds(jar.at)}
        for jar in sorted(jars, key=lambda jar: jar.jar_id)
    ]
    locked = {row.jar_id for row in _lock_jars(tx, rows=rows) if not row.is_contradicted}
    tx.locks.take(Rung.JAR, locked)
    return locked


def latest(tx: Transaction, jar_ids: Sequence[str]) -> dict[str, Latest]:
    """Return the session that each jar was last used in; a jar without one is left out."""
    return {row.jar_id: row for row in _latest(tx, jar_ids=jar_ids)}


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
