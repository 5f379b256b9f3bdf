"""Candidates: pairs of visitors that may be one person's, as the graph keeps them, and what they are found by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class KnownCandidate:
    """Two visitors that may be one person's, as found at a time.

    `addresses` and `arithmetic` are JSON: what the two share, and the log-odds of which the confidence is made. `decided_at`
    is None while the candidate is open.
    """

    candidate_id: str
    one_id: str
    other_id: str
    state: str
    confidence: float
    addresses: str
    arithmetic: str
    found_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class LookedAt:
    """A visitor; it `is_one_browser` if it stands for its merge group, which is one browser of one machine."""

    visitor_id: str
    is_one_browser: bool


@dataclass(frozen=True)
class Neighbourhood:
    """The merge groups that calls of a week saw at an address of a visitor's; nobody if they are a crowd."""

    visitor_id: str
    address: str
    week: str
    is_crowd: bool
    there_ids: list[str]


@dataclass(frozen=True)
class Stay:
    """The hours since 1970 in which a merge group was at an address with one class of device."""

    visitor_id: str
    address: str
    device_class: str | None
    hours: list[int]


@dataclass(frozen=True)
class GroupNow:
    """A merge group as it is now; `users` is 2 for two users or more."""

    visitor_id: str
    tenure_id: str | None
    first_seen: datetime
    users: int
    machines: int


@dataclass(frozen=True)
class Sides:
    """How the merge groups of two visitors stand to each other now."""

    i: int
    one: GroupNow
    other: GroupNow
    are_apart: bool
    is_hidden: bool


@dataclass(frozen=True)
class CandidatesPlace:
    """Where in the list of a state a page begins, from which confidence on, and how many candidates it has."""

    state: str
    confidence_min: float
    after_confidence: float
    after_id: str
    limit: int


@dataclass(frozen=True)
class _Pair:
    one_id: str
    other_id: str


@dataclass(frozen=True)
class _Kept:
    count: int


_page = query("candidates/page", KnownCandidate)
_about = query("candidates/about", KnownCandidate)
get = query("candidates/get", KnownCandidate)
looked_at = query("candidates/visitors", LookedAt)
neighbours = query("candidates/neighbours", Neighbourhood)
_hours = query("candidates/hours", Stay)
_sides = query("candidates/sides", Sides)
_of_visitors = query("candidates/of_visitors", _Pair)
_keep = query("candidates/keep", _Kept)
_drop = query("candidates/drop", Nothing)
decide = query("candidates/decide", Nothing)


def page(tx: Transaction, place: CandidatesPlace) -> list[KnownCandidate]:
    """Return a page of candidates, surest first."""
    return _page(tx, **vars(place))


def about(tx: Transaction, visitor_id: str, place: CandidatesPlace) -> list[KnownCandidate]:
    """Return a page of the candidates that a visitor's merge group is in, surest first."""
    return _about(tx, visitor_id=visitor_id, **vars(place))


def stays(
    tx: Transaction, addresses: Mapping[str, Sequence[str]], *, since: datetime, sessions_max: int
) -> Sequence[Stay]:
    """Return when each merge group was at its addresses since a time."""
    rows = [{"visitor_id": visitor_id, "addresses": list(where)} for visitor_id, where in sorted(addresses.items())]
    return _hours(tx, rows=rows, since=since, sessions_max=sessions_max)


def sides(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Sides]:
    """Return how the two visitors of each pair stand to each other; a pair with an unknown visitor is left out."""
    rows = [{"i": i, "one_id": one_id, "other_id": other_id} for i, (one_id, other_id) in enumerate(pairs)]
    return {pairs[row.i]: row for row in _sides(tx, rows=rows)} if rows else {}


def of_visitors(tx: Transaction, visitor_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return the open candidates that these visitors are the first of, each as its two visitors."""
    return {(row.one_id, row.other_id) for row in _of_visitors(tx, visitor_ids=visitor_ids)}


def keep(tx: Transaction, rows: Sequence[Mapping[str, object]], *, at: datetime) -> int:
    """Write candidates; return how many are open."""
    return _keep.one(tx, rows=rows, at=at).count if rows else 0


def drop(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> None:
    """Remove those of these pairs that are open candidates."""
    if pairs:
        _drop(tx, rows=[{"one_id": one_id, "other_id": other_id} for one_id, other_id in pairs])
