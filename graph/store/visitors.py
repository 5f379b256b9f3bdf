"""Visitors: one browser on one device each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.derived import Derived
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Visitor:
    """A visitor and what it and those merged into it consist of."""

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
    sessions: int
    events: int


get = query("visitors/get", Visitor)


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


_lock_group = query("visitors/lock_group", _Locked)
_closing = query("visitors/closing", _Closing)
_survivors = query("visitors/survivors", _Survivor)
_observed = query("visitors/observed", Derived)
write = query("visitors/write", Nothing)


def lock_group(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Lock visitors and all that they are one with by merges, and answer which those are."""
    [row] = _lock_group(tx, visitor_ids=visitor_ids)
    tx.locks.take(Rung.VISITOR, row.visitor_ids)
    return set(row.visitor_ids)


def closing(tx: Transaction, visitor_ids: Sequence[str], *, at: datetime) -> dict[str, datetime]:
    """Note that something is closed on visitors; when it counts so, by each that they are one with."""
    return {row.visitor_id: row.closed_at for row in _closing(tx, visitor_ids=visitor_ids, at=at)}


def survivors(tx: Transaction, visitor_ids: Sequence[str]) -> dict[str, str]:
    """The visitor that each was merged into in the end; without those there are not."""
    return {row.visitor_id: row.survivor_id for row in _survivors(tx, visitor_ids=visitor_ids)}


def observed(tx: Transaction, visitor_ids: Sequence[str]) -> dict[str, Derived]:
    """What was observed on the own jars of each of these visitors."""
    return {found.visitor_id: found for found in _observed(tx, visitor_ids=visitor_ids)}
