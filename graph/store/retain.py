"""Find and remove what is older than it is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class AgedSession:
    """A session; it `is_due` if anything of it is older than it is kept."""

    session_id: str
    started_at: datetime
    is_due: bool


@dataclass(frozen=True)
class Cleared:
    """How many nodes or edges were removed or stripped."""

    count: int


@dataclass(frozen=True)
class ClearedEvents(Cleared):
    """How many events were removed, and the message ids of those that named no session."""

    message_ids: list[str]


@dataclass(frozen=True)
class ClearedPlaces:
    """How many places were removed, and how many addresses with them."""

    looked_at: int
    addresses: int


@dataclass(frozen=True)
class CollectionPage:
    """How many collections were looked at, the last of them, and how many of them were removed or stripped."""

    looked_at: int
    last_at: datetime | None
    last_id: str | None
    count: int


@dataclass(frozen=True)
class FingerprintPage:
    """How many fingerprints were looked at, the last of them, and of how many the components were removed."""

    looked_at: int
    last: str | None
    count: int


@dataclass(frozen=True)
class _Locked:
    jar_id: str
    visitor_id: str


page = query("retain/page", AgedSession)
_lock = query("retain/lock", _Locked)
events = query("retain/events", ClearedEvents)
strip = query("retain/strip", Cleared)
sessions = query("retain/sessions", Cleared)
collections = query("retain/collections", CollectionPage)
sightings = query("retain/sightings", Cleared)
places = query("retain/places", ClearedPlaces)
candidates = query("retain/candidates", Cleared)
components = query("retain/components", FingerprintPage)


def lock(tx: Transaction, session_ids: Sequence[str]) -> Collection[str]:
    """Lock the jars of sessions, and return the ids of their visitors."""
    rows = _lock(tx, session_ids=session_ids)
    tx.locks.take(Rung.JAR, {row.jar_id for row in rows})
    return {row.visitor_id for row in rows}
