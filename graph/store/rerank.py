"""The ranks of relationships, which depend on the tenant's half-life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import Nothing, query

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
_half_life = query("rerank/half_life", Nothing)
_ranked_by = query("rerank/ranked_by", _RankedBy)


def page(tx: Transaction, tenant: str, *, after: Pair, limit: int) -> list[Pair]:
    """The next relationships after one, by (user, visitor)."""
    rows = _page(tx, tenant=tenant, after_user=after[0], after_visitor=after[1], limit=limit)
    return [(row.user_id, row.visitor_id) for row in rows]


def lock(tx: Transaction, tenant: str, pairs: Sequence[Pair]) -> list[Worth]:
    """Lock the visitors of relationships and read what these are worth."""
    return _lock(tx, tenant=tenant, rows=[{"user_id": user, "visitor_id": visitor} for user, visitor in pairs])


def apply(tx: Transaction, tenant: str, ranks: Mapping[Pair, float]) -> None:
    """Give relationships their rank."""
    rows = [{"user_id": user, "visitor_id": visitor, "rank": rank} for (user, visitor), rank in ranks.items()]
    if rows:
        _apply(tx, tenant=tenant, rows=rows)


def ranked_by(tx: Transaction, tenant: str) -> float | None:
    """The half-life by which a tenant's relationships are ranked, in days; None where it never was another."""
    rows = _ranked_by(tx, tenant=tenant)
    return rows[0].half_life_days if rows else None


def remember(tx: Transaction, tenant: str, half_life_days: float) -> None:
    """Remember by which half-life they are."""
    _half_life(tx, tenant=tenant, half_life_days=half_life_days)
