"""Visitors: one browser on one device each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.derived import Derived
from graph.rules.probable import Resolved
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Parts:
    """How many parts a visitor has of each kind."""

    merged_ids: int
    jars: int
    tenures: int
    fingerprints: int


@dataclass(frozen=True)
class PartsPlace:
    """The last part of each kind on a page; None before the first one."""

    merged_id: str | None = None
    jar: str | None = None
    tenure: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class Visitor:
    """A visitor, with a page of the parts of all visitors that were merged into it.

    The lists have ids. `counts` says how many there are of each, `sessions` and `events` how many sessions and events.
    """

    visitor_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    latest_tenure_id: str
    known_jars: int
    merged_ids: list[str]
    jars: list[str]
    tenures: list[str]
    fingerprints: list[str]
    counts: Parts
    sessions: int
    events: int


@dataclass(frozen=True)
class FoundVisitor(Visitor):
    """A visitor, whose its latest tenure is, and those of the identities in this that are hidden from reads."""

    resolved: Resolved
    hidden_ids: list[str]


_get = query("visitors/get", FoundVisitor)


def get(tx: Transaction, visitor_id: str, after: PartsPlace, limit: int) -> FoundVisitor | None:
    """Return a visitor with at most `limit` parts of each kind, those after a place; None if there is no such visitor."""
    return _get.one_or_none(
        tx,
        visitor_id=visitor_id,
        merged_before=after.merged_id,
        jar_before=after.jar,
        tenure_before=after.tenure,
        fingerprint_before=after.fingerprint,
        limit=limit,
    )


@dataclass(frozen=True)
class _Locked:
    visitor_ids: list[str]


@dataclass(frozen=True)
class _Closing:
    visitor_id: str
    closed_at: datetime


@dataclass(frozen=True)
class _Survivor:
    visitor_id: str
    survivor_id: str


@dataclass(frozen=True)
class _Observed(Derived):
    last_jar_id: str | None


#: More jars than a visitor can have.
ALL_JARS = 2**31 - 1

_lock_group = query("visitors/lock_group", _Locked)
_closing = query("visitors/closing", _Closing)
_survivors = query("visitors/survivors", _Survivor)
_observed = query("visitors/observed", _Observed)
write = query("visitors/write", Nothing)


def lock_group(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Lock all visitors of the given visitors' merge groups, and return their ids."""
    [row] = _lock_group(tx, visitor_ids=visitor_ids)
    tx.locks.take(Rung.VISITOR, row.visitor_ids)
    return set(row.visitor_ids)


def closing(tx: Transaction, visitor_ids: Sequence[str], *, at: datetime) -> dict[str, datetime]:
    """Advance the closing time of the given visitors' merge groups, and return it by the id of each visitor in them.

    A merge group's closing time is the latest of `at`, its `last_received_at` and its `last_closed_at` (the latest over its
    visitors). Whatever comes in later counts as after it. It is not noted on a visitor that is not locked.
    """
    locked_ids = sorted(tx.locks.held(Rung.VISITOR))
    return {
        row.visitor_id: row.closed_at for row in _closing(tx, visitor_ids=visitor_ids, locked_ids=locked_ids, at=at)
    }


def survivors(tx: Transaction, visitor_ids: Sequence[str]) -> dict[str, str]:
    """Return the survivor of each visitor's merge group, by the visitor's id. Ids of unknown visitors are left out."""
    return {row.visitor_id: row.survivor_id for row in _survivors(tx, visitor_ids=visitor_ids)}


def observed(tx: Transaction, visitor_ids: Sequence[str]) -> dict[str, Derived]:
    """Return what was observed on each visitor's own jars, by the visitor's id."""
    rows = _observed(tx, visitor_ids=visitor_ids, after="", limit=ALL_JARS)
    return {derived.visitor_id: derived for derived in rows}


def observed_on(tx: Transaction, visitor_id: str, after: str, limit: int) -> tuple[Derived | None, str | None]:
    """Return what was observed on at most `limit` of a visitor's own jars, those after a jar's id, and the last one's id.

    The id is None if there is no further jar; the observations are None, too, if there is no such visitor.
    """
    rows = _observed(tx, visitor_ids=[visitor_id], after=after, limit=limit)
    return (rows[0], rows[0].last_jar_id) if rows else (None, None)
