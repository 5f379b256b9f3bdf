"""The weighted many-to-many relationship of users and visitors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import Nothing, query
from graph.rules.relationships import Record, Relationship, Source

Pair = tuple[str, str]


@dataclass(frozen=True)
class _Source:
    source: Source
    count: int
    first: datetime
    last: datetime
    figure: float


@dataclass(frozen=True)
class _Known:
    i: int
    records: list[_Source]


@dataclass(frozen=True)
class _Locked:
    visitor_id: str


_lock = query("relationships/lock", _Locked)
_gather = query("relationships/gather", _Known)
_apply = query("relationships/apply", Nothing)


def lock(tx: Transaction, tenant: str, visitor_ids: Sequence[str]) -> set[str]:
    """Lock visitors and answer which of them there are."""
    return {row.visitor_id for row in _lock(tx, tenant=tenant, visitor_ids=visitor_ids)}


def gather(tx: Transaction, tenant: str, pairs: Sequence[Pair]) -> dict[Pair, dict[Source, Record]]:
    """What is known between each (user, visitor), by source."""
    rows = [{"i": i, "user_id": user, "visitor_id": visitor} for i, (user, visitor) in enumerate(pairs)]
    return {
        pairs[known.i]: {one.source: Record(one.count, one.first, one.last, one.figure) for one in known.records}
        for known in _gather(tx, tenant=tenant, rows=rows)
    }


def apply(tx: Transaction, tenant: str, weighed: Mapping[Pair, Relationship]) -> None:
    """Write relationships as weighed."""
    rows = [
        {
            "user_id": user_id,
            "visitor_id": visitor_id,
            "confidence": relationship.confidence,
            "rank": relationship.rank,
            "count": relationship.count,
            "first_seen": relationship.first_seen,
            "last_seen": relationship.last_seen,
            "source": relationship.source.value,
            "records": _properties(relationship.records),
        }
        for (user_id, visitor_id), relationship in weighed.items()
    ]
    _apply(tx, tenant=tenant, rows=rows)


def _properties(records: Mapping[Source, Record]) -> dict[str, object]:
    return {
        f"{source.value}_{name}": value
        for source, record in records.items()
        for name, value in (
            ("count", record.count),
            ("first", record.first),
            ("last", record.last),
            ("figure", record.figure),
        )
    }


@dataclass(frozen=True)
class Listed:
    """A relationship in a list: the other end, its rank, and what it consists of."""

    other_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source


@dataclass(frozen=True)
class One:
    """A relationship whose ends are known."""

    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source


@dataclass(frozen=True)
class Place:
    """From where on a list goes on: below this rank, or at it below this id."""

    rank: float
    other_id: str


_of_user = query("relationships/of_user", Listed)
_of_visitor = query("relationships/of_visitor", Listed)
_get = query("relationships/get", One)


def of_user(tx: Transaction, tenant: str, user_id: str, *, rank_min: float, after: Place, limit: int) -> list[Listed]:
    """A user's visitors, strongest first."""
    return _of_user(
        tx,
        tenant=tenant,
        user_id=user_id,
        rank_min=rank_min,
        after_rank=after.rank,
        after_id=after.other_id,
        limit=limit,
    )


def of_visitor(
    tx: Transaction, tenant: str, visitor_id: str, *, rank_min: float, after: Place, limit: int
) -> list[Listed]:
    """A visitor's users, strongest first."""
    return _of_visitor(
        tx,
        tenant=tenant,
        visitor_id=visitor_id,
        rank_min=rank_min,
        after_rank=after.rank,
        after_id=after.other_id,
        limit=limit,
    )


def get(tx: Transaction, tenant: str, user_id: str, visitor_id: str) -> One | None:
    """The relationship of a user and a visitor, or None."""
    rows = _get(tx, tenant=tenant, user_id=user_id, visitor_id=visitor_id)
    return rows[0] if rows else None
