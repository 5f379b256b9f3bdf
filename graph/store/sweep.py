"""Find relationships that were not seen for a long time, or whose confidence has faded."""

from dataclasses import dataclass
from datetime import datetime

from graph.query import query
from graph.rules.relationships import Pair
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Pair:
    user_id: str
    visitor_id: str


_stale = query("sweep/stale", _Pair)
_faded = query("sweep/faded", _Pair)


def stale(tx: Transaction, *, seen_before: datetime, limit: int) -> list[Pair]:
    """Return at most `limit` listed relationships that were last seen before a time."""
    return [(row.user_id, row.visitor_id) for row in _stale(tx, seen_before=seen_before, limit=limit)]


def faded(tx: Transaction, *, rank_below: float, confidence_min: float, limit: int) -> list[Pair]:
    """Return at most `limit` relationships that now rank below a bound, but had at least a confidence when last seen."""
    return [
        (row.user_id, row.visitor_id)
        for row in _faded(tx, rank_below=rank_below, confidence_min=confidence_min, limit=limit)
    ]
