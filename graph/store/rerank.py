"""The ranks of relationships, which depend on the tenant's half-life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.relationships import Pair
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Pair:
    user_id: str
    visitor_id: str


@dataclass(frozen=True)
class Worth:
    """The confidence (1–100) of a relationship when it was last seen."""

    user_id: str
    visitor_id: str
    confidence: float
    last_seen: datetime


@dataclass(frozen=True)
class _RankedBy:
    half_life_days: float | None


_page = query("rerank/page", _Pair)
_gather = query("rerank/gather", Worth)
_apply = query("rerank/apply", Nothing)
remember = query("rerank/half_life", Nothing)
_ranked_by = query("rerank/ranked_by", _RankedBy)


def page(tx: Transaction, *, after: Pair, limit: int) -> list[Pair]:
    """Return the next relationships after this one, by user id and visitor id."""
    rows = _page(tx, after_user=after[0], after_visitor=after[1], limit=limit)
    return [(row.user_id, row.visitor_id) for row in rows]


def gather(tx: Transaction, pairs: Sequence[Pair]) -> list[Worth]:
    """Return the confidence of those of these relationships that are listed."""
    return _gather(tx, rows=[{"user_id": user_id, "visitor_id": visitor_id} for user_id, visitor_id in pairs])


def apply(tx: Transaction, ranks: Mapping[Pair, float]) -> None:
    """Write the rank of each relationship."""
    rows = [
        {"user_id": user_id, "visitor_id": visitor_id, "rank": rank} for (user_id, visitor_id), rank in ranks.items()
    ]
    _apply(tx, rows=rows)


def ranked_by(tx: Transaction) -> float | None:
    """Return the half-life, in days, by which the tenant's relationships are ranked; None if it was never noted."""
    rows = _ranked_by(tx)
    return rows[0].half_life_days if rows else None
