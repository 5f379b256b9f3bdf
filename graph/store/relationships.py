"""The weighted many-to-many relationship of users and visitors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from graph.queries import Nothing
from graph.query import query
from graph.rules.relationships import Group, Record, Records, Relationship, Source
from graph.rules.times import BEGINNING, END
from graph.transaction import Transaction

Pair = tuple[str, str]


@dataclass(frozen=True)
class Edge:
    """A relationship to write: its own records, and what it is worth, which for a survivor is with those merged into it.

    One that is not listed is a merged visitor's, which counts in its survivor's. `is_hidden` is what was said of this
    very one, `is_visible` whether all that are one with it may be shown.
    """

    user_id: str
    visitor_id: str
    own: Records
    weighed: Relationship
    is_listed: bool
    is_hidden: bool
    is_visible: bool

    @classmethod
    def of(cls, group: Group, visitor_id: str, weighed: Relationship, *, is_listed: bool) -> Self:
        """The relationship of a group's user with one of its visitors."""
        return cls(
            group.user_id,
            visitor_id,
            group.of(visitor_id),
            weighed,
            is_listed=is_listed,
            is_hidden=visitor_id in group.hidden,
            is_visible=group.is_visible,
        )


@dataclass(frozen=True)
class _Record:
    visitor_id: str
    source: Source
    count: int
    first: datetime
    last: datetime
    figure: float


@dataclass(frozen=True)
class _Known:
    i: int
    survivor_id: str
    records: list[_Record]
    hidden: list[str]
    is_forbidden: bool
    was_forbidden: bool


@dataclass(frozen=True)
class _OfGroup:
    user_id: str
    visitor_id: str
    records: list[_Record]
    hidden: bool


_gather = query("relationships/gather", _Known)
_apply = query("relationships/apply", Nothing)
_close = query("relationships/close", Nothing)
_of_group = query("relationships/of_group", _OfGroup)
_drop = query("relationships/drop", Nothing)


def gather(tx: Transaction, pairs: Sequence[Pair]) -> dict[Pair, Group]:
    """What is known between each (user, visitor) of visitors there are, and on those these are one with."""
    rows = [{"i": i, "user_id": user, "visitor_id": visitor} for i, (user, visitor) in enumerate(pairs)]
    return {
        pairs[known.i]: Group(
            pairs[known.i][0],
            known.survivor_id,
            _by_visitor(known.records),
            frozenset(known.hidden),
            is_forbidden=known.is_forbidden,
            was_forbidden=known.was_forbidden,
        )
        for known in _gather(tx, rows=rows)
    }


def _by_visitor(found: Sequence[_Record]) -> dict[str, Records]:
    records: dict[str, dict[Source, Record]] = {}
    for one in found:
        records.setdefault(one.visitor_id, {})[one.source] = Record(one.count, one.first, one.last, one.figure)
    return dict(records)


def apply(tx: Transaction, edges: Sequence[Edge]) -> None:
    """Write relationships as weighed; of a source that there is nothing of any more nothing is left."""
    rows = [
        {
            "user_id": edge.user_id,
            "visitor_id": edge.visitor_id,
            "confidence": edge.weighed.confidence,
            "rank": edge.weighed.rank if edge.is_listed else None,
            "count": edge.weighed.count,
            "first_seen": edge.weighed.first_seen.isoformat(),
            "last_seen": edge.weighed.last_seen.isoformat(),
            "source": edge.weighed.source.value,
            "verified": edge.weighed.is_verified,
            "records": {source.value: _row(record) for source, record in edge.own.items()},
            "hidden": True if edge.is_hidden else None,
            "visible": edge.is_visible,
        }
        for edge in edges
    ]
    _apply(tx, rows=rows)


def of_group(tx: Transaction, survivor_id: str) -> list[Group]:
    """What is known of each user on a visitor and on those merged into it, edges without records included."""
    records: dict[str, dict[str, Records]] = {}
    hidden: dict[str, set[str]] = {}
    for row in _of_group(tx, survivor_id=survivor_id):
        records.setdefault(row.user_id, {})[row.visitor_id] = _by_visitor(row.records).get(row.visitor_id, {})
        hidden.setdefault(row.user_id, set()).update({row.visitor_id} if row.hidden else ())
    return [Group(user_id, survivor_id, known, frozenset(hidden[user_id])) for user_id, known in records.items()]


def drop(tx: Transaction, pairs: Sequence[Pair]) -> None:
    """Remove relationships that have nothing to tell any more."""
    _drop(tx, rows=[{"user_id": user_id, "visitor_id": visitor_id} for user_id, visitor_id in pairs])


def close(tx: Transaction, pairs: Sequence[Pair], *, closing: Mapping[str, datetime]) -> None:
    """Close the relationships of (user, visitor) there are, as of when that is on each visitor."""
    rows = [{"user_id": user_id, "visitor_id": visitor_id, "at": closing[visitor_id]} for user_id, visitor_id in pairs]
    _close(tx, rows=rows)


def _row(record: Record) -> dict[str, object]:
    return {
        "count": record.count,
        "first": record.first.isoformat(),
        "last": record.last.isoformat(),
        "figure": record.figure,
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
    verified: bool


@dataclass(frozen=True)
class One:
    """A relationship of a user with a visitor, or with the one that was merged into."""

    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    verified: bool


@dataclass(frozen=True)
class Place:
    """From where on a list goes on: below this rank, or at it below this id."""

    rank: float
    other_id: str


@dataclass(frozen=True)
class Ranges:
    """Which relationships of a list: those in all of the ranges, the upper ends not included."""

    rank_min: float = -math.inf
    rank_below: float = math.inf
    first_seen_from: datetime = BEGINNING
    first_seen_to: datetime = END
    last_seen_from: datetime = BEGINNING
    last_seen_to: datetime = END
    sources: Sequence[str] = tuple(source.value for source in Source)
    verified: Sequence[bool] = (True, False)


ALL = Ranges()

_of_user = query("relationships/of_user", Listed)
_of_visitor = query("relationships/of_visitor", Listed)
get = query("relationships/get", One)


def of_user(tx: Transaction, user_id: str, *, wanted: Ranges = ALL, after: Place, limit: int) -> list[Listed]:
    """A user's visitors, strongest first."""
    return _of_user(tx, user_id=user_id, **_ranges(wanted), after_rank=after.rank, after_id=after.other_id, limit=limit)


def of_visitor(tx: Transaction, visitor_id: str, *, wanted: Ranges = ALL, after: Place, limit: int) -> list[Listed]:
    """A visitor's users, strongest first."""
    return _of_visitor(
        tx, visitor_id=visitor_id, **_ranges(wanted), after_rank=after.rank, after_id=after.other_id, limit=limit
    )


def _ranges(wanted: Ranges) -> dict[str, Any]:
    return {**vars(wanted), "sources": list(wanted.sources), "verified": list(wanted.verified)}
