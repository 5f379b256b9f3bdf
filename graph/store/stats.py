"""How much a tenant has."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Counts:
    """How many there are; a visitor that was merged into another is not one of `visitors`."""

    visitors: int
    merged_visitors: int
    users: int
    jars: int
    sessions: int
    events: int
    fingerprints: int


@dataclass(frozen=True)
class Share:
    """Relationships of one source whose rank is at least as many of the bounds as `bucket` says; some are active."""

    source: str | None
    bucket: int
    count: int
    active: int


@dataclass(frozen=True)
class _Remembered:
    counts: list[int]


counts = query("stats/counts", Counts)
_relationships = query("stats/relationships", Share)
_remember = query("stats/remember", Nothing)
_remembered = query("stats/remembered", _Remembered)


def relationships(tx: Transaction, bounds: Sequence[float], active: float) -> list[Share]:
    """How many listed relationships there are, by source and between bounds of rank, lowest first."""
    return _relationships(tx, bounds=list(bounds), active=active)


def remember(tx: Transaction, counts: Sequence[int]) -> None:
    """Keep how many relationships are of which confidence, lowest first."""
    _remember(tx, counts=list(counts))


def remembered(tx: Transaction) -> list[int]:
    """What was kept last, empty where nothing was."""
    rows = _remembered(tx)
    return rows[0].counts if rows else []
