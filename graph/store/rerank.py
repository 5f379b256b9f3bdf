"""The ranks of relationships, which depend on the tenant's half-life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Rung, Transaction

#: A user's and a visitor's id.
Pair = tuple[str, str]


@dataclass(frozen=True)
class _Pair:
    user_id: str
    visitor_id: str


@dataclass(frozen=True)
class Worth:
    """What a relationship was worth when it was last seen."""

    user_id: str
    visitor_id: str
    confidence: float
    last_seen: datetime


@dataclass(frozen=True)
class _RankedBy:
    half_life_days: float | None


_page = query("rerank/page", _Pair)
_lock = query("rerank/lock", Worth)
_apply = query("rerank/apply", Nothing)
remember = query("rerank/half_life", Nothing)
_ranked_by = query("rerank/ranked_by", _RankedBy)


def page(tx: Transaction, *, after: Pair, limit: int) -> list[Pair]:
    """The next relationships after one, by (user, visitor)."""
    rows = _page(tx, after_user=after[0], after_visitor=after[1], limit=limit)
    return [(row.user_id, row.visitor_id) for row in rows]


def lock(tx: Transaction, pairs: Sequence[Pair]) -> list[Worth]:
    """Lock the visitors of relationships and read what these are worth."""
    found = _lock(tx, rows=[{"user_id": user, "visitor_id": visitor} for user, visitor in pairs])
    tx.locks.take(Rung.VISITOR, {visitor for _, visitor in pairs})
    return found


def apply(tx: Transaction, ranks: Mapping[Pair, float]) -> None:
    """Give relationships their rank."""
    rows = [{"user_id": user, "visitor_id": visitor, "rank": rank} for (user, visitor), rank in ranks.items()]
    _apply(tx, rows=rows)


def ranked_by(tx: Transaction) -> float | None:
    """The half-life by which a tenant's relationships are ranked, in days; None where it never was another."""
    rows = _ranked_by(tx)
    return rows[0].half_life_days if rows else None
