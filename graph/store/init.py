"""What an `init` reads and writes, visit by visit in one list."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows
from graph.query import query
from graph.rules.messages import Kept
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class OwnerFacts:
    """The visitor last seen with the fingerprint, where all that have it are one by merges; the numbers are of all of them."""

    visitor_id: str
    known_jars: int
    recent_users: list[str]
    last_seen: datetime
    browser: str | None
    os: str | None
    same_address: bool
    anchor_id: str | None
    anchor_depth: int


@dataclass(frozen=True)
class CandidateFacts:
    """A visitor that shares the fingerprint, merged ones and all, or the address, by its latest tenure."""

    tenure_id: str
    last_seen: datetime
    recent_users: list[str]


@dataclass(frozen=True)
class VisitFacts:
    """What there is of one visit's jar, message id, fingerprint and address."""

    i: int
    message: Kept | None
    jar_last_seen: datetime | None
    visitor_id: str | None
    survivor_id: str | None
    tenure_id: str | None
    owner: OwnerFacts | None
    same_fingerprint: list[CandidateFacts]
    same_browser: list[CandidateFacts]
    same_address: list[CandidateFacts]


@dataclass(frozen=True)
class _LockedVisitor:
    """A visitor that is locked."""

    visitor_id: str


_lock = query("init/lock", Nothing)
_lock_visitors = query("init/lock_visitors", _LockedVisitor)
_gather = query("init/gather", VisitFacts)
apply = query("init/apply", Nothing)
probably = query("init/probably", Nothing)
fingerprints = query("init/fingerprints", Nothing)
addresses = query("init/addresses", Nothing)
refuse = query("init/refuse", Nothing)
forget = query("init/forget", Nothing)


def lock(tx: Transaction, rows: Rows) -> None:
    """Lock jars, then the fingerprints that could own, making those there are not."""
    _lock(tx, rows=rows)
    tx.locks.take(Rung.JAR, {row["jar_id"] for row in rows})
    tx.locks.take(Rung.FINGERPRINT, {row["fingerprint"] for row in rows if row["fingerprint"] is not None})


def lock_visitors(tx: Transaction, rows: Rows) -> None:
    """Lock the visitors that locked jars and fingerprints that could own lead to, and those they were merged into."""
    tx.locks.take(Rung.VISITOR, {row.visitor_id for row in _lock_visitors(tx, rows=rows)})


def gather(tx: Transaction, rows: Rows, *, places_max: int) -> list[VisitFacts]:
    """What each visit could belong to, in the order of `i`; an address with more `BrowserAtIp` than that is a crowd."""
    return sorted(_gather(tx, rows=rows, places_max=places_max), key=lambda found: found.i)
