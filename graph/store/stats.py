"""Counts of what a tenant has."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Counts:
    """How many nodes of each kind a tenant has; `visitors` leaves out merged visitors, so it counts merge groups."""

    visitors: int
    merged_visitors: int
    users: int
    jars: int
    sessions: int
    events: int
    fingerprints: int


@dataclass(frozen=True)
class Share:
    """The number of relationships of one source in one bucket, and how many of them are active.

    The number of a bucket is the number of bounds that the ranks in it reach; the lowest is 0.
    """

    source: str | None
    bucket: int
    count: int
    active: int


@dataclass(frozen=True)
class _Remembered:
    counts: list[int]


@dataclass(frozen=True)
class _Lag:
    milliseconds: int


counts = query("stats/counts", Counts)
_lags = query("stats/lags", _Lag)
_relationships = query("stats/relationships", Share)
_remember = query("stats/remember", Nothing)
_remembered = query("stats/remembered", _Remembered)


def relationships(tx: Transaction, bounds: Sequence[float], active: float) -> list[Share]:
    """Count the listed relationships by source and by bucket, between `bounds` of rank, lowest first.

    A relationship is active if its rank is at least `active`.
    """
    return _relationships(tx, bounds=list(bounds), active=active)


def lags(tx: Transaction, *, limit: int) -> list[int]:
    """Return how many milliseconds after they happened the events came that were kept last, newest first."""
    return [row.milliseconds for row in _lags(tx, limit=limit)]


def remember(tx: Transaction, counts: Sequence[int]) -> None:
    """Store the number of relationships in each bucket of confidence, lowest first."""
    _remember(tx, counts=list(counts))


def remembered(tx: Transaction) -> list[int]:
    """Return the counts that were stored last; empty if none were."""
    rows = _remembered(tx)
    return rows[0].counts if rows else []
