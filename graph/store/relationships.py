"""The relationships of users and visitors (`IDENTIFIED_AS`): weighted, many to many, one edge for each pair."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from graph.queries import Nothing
from graph.query import query
from graph.rules.relationships import Group, Known, Pair, Record, RecordOf, Records, Relationship, Source, by_visitor
from graph.rules.times import BEGINNING, END
from graph.transaction import Transaction


@dataclass(frozen=True)
class Edge:
    """An edge to write.

    `own` are the visitor's own records. `weighed` is what they give; for a survivor, what the folded records of its merge
    group give. A merged visitor's edge is not listed, since it counts in the survivor's. `is_hidden` says that this very
    pair was hidden, and `is_visible` that no visitor of the merge group hides the user.
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
        """Return the edge of a group's user and one of its visitors."""
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
class _Gathered:
    i: int
    known: Known


@dataclass(frozen=True)
class _OfGroup:
    user_id: str
    visitor_id: str
    records: list[RecordOf]
    hidden: bool


_gather = query("relationships/gather", _Gathered)
_apply = query("relationships/apply", Nothing)
_close = query("relationships/close", Nothing)
_of_group = query("relationships/of_group", _OfGroup)
_drop = query("relationships/drop", Nothing)


def gather(tx: Transaction, pairs: Sequence[Pair]) -> dict[Pair, Group]:
    """Return each pair's user with the visitor's merge group; a pair whose visitor does not exist is left out."""
    rows = [{"i": i, "user_id": user_id, "visitor_id": visitor_id} for i, (user_id, visitor_id) in enumerate(pairs)]
    return {pairs[row.i]: row.known.group(pairs[row.i][0]) for row in _gather(tx, rows=rows)}


def apply(tx: Transaction, edges: Sequence[Edge]) -> None:
    """Write edges, with the records of exactly the sources that each has."""
    _apply(tx, rows=rows(edges))


def rows(edges: Sequence[Edge]) -> list[dict[str, object]]:
    """Return edges as rows for the part `relationship`."""
    return [
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


def of_group(tx: Transaction, survivor_id: str) -> list[Group]:
    """Return each user with the survivor's merge group, from all edges of the group.

    An edge without records of its own, which has only a folded figure, is included.
    """
    records: dict[str, dict[str, Records]] = {}
    hidden: dict[str, set[str]] = {}
    for row in _of_group(tx, survivor_id=survivor_id):
        records.setdefault(row.user_id, {})[row.visitor_id] = by_visitor(row.records).get(row.visitor_id, {})
        hidden.setdefault(row.user_id, set()).update({row.visitor_id} if row.hidden else ())
    return [
        Group(user_id, survivor_id, by_visitor, frozenset(hidden[user_id])) for user_id, by_visitor in records.items()
    ]


def drop(tx: Transaction, pairs: Sequence[Pair]) -> None:
    """Remove edges that had only a folded figure, and hold nothing any more."""
    _drop(tx, rows=[{"user_id": user_id, "visitor_id": visitor_id} for user_id, visitor_id in pairs])


def close(tx: Transaction, pairs: Sequence[Pair], *, closing: Mapping[str, datetime]) -> None:
    """Close the relationships of these pairs that exist, each at the `closing` time of its visitor."""
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
    """A relationship in a list; `other_id` is the visitor's id in a user's list, and the user's id in a visitor's."""

    other_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    verified: bool


@dataclass(frozen=True)
class _ListedPage:
    listed: list[Listed]


@dataclass(frozen=True)
class RelationshipRow:
    """A relationship of a user; `visitor_id` is the survivor of the visitor's merge group."""

    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    verified: bool


@dataclass(frozen=True)
class Place:
    """The place after which a page of a list begins: below this rank, or at this rank and below this id."""

    rank: float
    other_id: str


@dataclass(frozen=True)
class Ranges:
    """Which relationships a list has: those within all of these ranges; the upper ends are not included."""

    rank_min: float = -math.inf
    rank_below: float = math.inf
    first_seen_from: datetime = BEGINNING
    first_seen_to: datetime = END
    last_seen_from: datetime = BEGINNING
    last_seen_to: datetime = END
    sources: Sequence[str] = tuple(source.value for source in Source)
    verified: Sequence[bool] = (True, False)


ALL = Ranges()

_of_user = query("relationships/of_user", _ListedPage)
_of_visitor = query("relationships/of_visitor", _ListedPage)
get = query("relationships/get", RelationshipRow)


def of_user(tx: Transaction, user_id: str, *, wanted: Ranges = ALL, after: Place, limit: int) -> list[Listed] | None:
    """Return a page of a user's visitors, strongest first; None if there is no such user."""
    page = _of_user.one_or_none(
        tx, user_id=user_id, **_ranges(wanted), after_rank=after.rank, after_id=after.other_id, limit=limit
    )
    return None if page is None else page.listed


def of_visitor(
    tx: Transaction, visitor_id: str, *, wanted: Ranges = ALL, after: Place, limit: int
) -> list[Listed] | None:
    """Return a page of a visitor's users, strongest first; None if there is no such visitor."""
    page = _of_visitor.one_or_none(
        tx, visitor_id=visitor_id, **_ranges(wanted), after_rank=after.rank, after_id=after.other_id, limit=limit
    )
    return None if page is None else page.listed


def _ranges(wanted: Ranges) -> dict[str, Any]:
    return {**vars(wanted), "sources": list(wanted.sources), "verified": list(wanted.verified)}
