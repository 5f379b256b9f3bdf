"""The queries of `init`, which takes a list of visits."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows
from graph.query import query
from graph.rules.messages import Kept
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class OwnerFacts:
    """The visitor that was last seen with a fingerprint which only one merge group has.

    `known_jars`, `recent_users` and `same_address` are those of all the group's visitors with the fingerprint. The
    anchor, and the number of ties above it, are the visitor's.
    """

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
    """A merge group that shares the visit's fingerprint or address, by the latest tenure of its latest visitor there.

    `recent_users` are those of all the group's visitors that share it.
    """

    tenure_id: str
    last_seen: datetime
    recent_users: list[str]


@dataclass(frozen=True)
class VisitFacts:
    """What the graph holds of one visit's jar, message id, fingerprint and address.

    `visitor_id` is the visitor that the jar is in; it and `tenure_id` are None for a new jar. `survivor_id` is the
    survivor of that visitor's merge group, or else of the owner's.
    """

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
    """Lock the jars, then the fingerprints that at most one merge group has; create those that do not exist.

    The query leaves a shared fingerprint unlocked and does not say so, so no fingerprint is noted as locked.
    """
    _lock(tx, rows=rows)
    tx.locks.take(Rung.JAR, {row["jar_id"] for row in rows})


def lock_visitors(tx: Transaction, rows: Rows) -> None:
    """Lock the visitor of each jar, or else the visitors of a fingerprint that one merge group has, and their survivors."""
    tx.locks.take(Rung.VISITOR, {row.visitor_id for row in _lock_visitors(tx, rows=rows)})


def gather(tx: Transaction, rows: Rows, *, places_max: int) -> list[VisitFacts]:
    """Return the facts of each visit, in the order of `i`.

    As evidence by itself (`same_address`) an address is a crowd if, in the weeks looked at, its `BrowserAtIp` nodes or
    the visitors at them are `places_max` or more.
    """
    return sorted(_gather(tx, rows=rows, places_max=places_max), key=lambda facts: facts.i)
