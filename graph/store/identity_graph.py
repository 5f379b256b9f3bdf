"""The graph around an identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class UpperEnd:
    """Where an edge of a tenure leads to: another tenure's id or a user's, by which method and how sure, 0–1."""

    target: str
    method: str
    confidence: float


@dataclass(frozen=True)
class TenureThere:
    """A tenure with its jar and visitor, and the edges that it had at the time."""

    tenure_id: str
    first_seen: datetime
    last_seen: datetime
    sessions: int
    events: int
    jar_id: str
    jar_kind: str
    joined_by: str
    joined_at: float
    visitor_id: str
    root_id: str
    ties: list[UpperEnd]
    users: list[UpperEnd]


@dataclass(frozen=True)
class MembersThen:
    """The tenures that belonged to an identity, how many did, and those that may have been theirs by inference."""

    i: int
    user_id: str | None
    count: int
    tenures: list[TenureThere]
    maybe_count: int
    maybe_ids: list[str]


@dataclass(frozen=True)
class SeenWith:
    """An edge from a visitor or a session to what it was seen with, when last."""

    source: str
    target: str
    confidence: float
    last_seen: datetime


@dataclass(frozen=True)
class SessionThere(SeenWith):
    """A session of a tenure."""

    browser: str | None
    os: str | None
    method: str


@dataclass(frozen=True)
class PartCounts:
    """How many edges of each kind there are."""

    fingerprints: int
    addresses: int
    sessions: int
    users: int


@dataclass(frozen=True)
class PartsThere:
    """What visitors and tenures were seen with: the latest of each kind."""

    counts: PartCounts
    fingerprints: list[SeenWith]
    addresses: list[SeenWith]
    sessions: list[SessionThere]
    users: list[SeenWith]


@dataclass(frozen=True)
class SharedWith(SeenWith):
    """Another visitor who has a fingerprint or was seen at an address; `kind` says which."""

    kind: str


@dataclass(frozen=True)
class OthersThere:
    """Who else shares what, the latest first; how many do, and how many of these things are a crowd's."""

    crowds: int
    count: int
    others: list[SharedWith]


_members = query("identity_graph/members", MembersThen)
parts = query("identity_graph/parts", PartsThere)
others = query("identity_graph/others", OthersThere)


def members(tx: Transaction, identity_ids: Sequence[str], *, at: datetime, limit: int) -> dict[str, MembersThen]:
    """Return who belonged to each identity at a time; an unknown one is left out."""
    if not identity_ids:
        return {}
    rows = [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]
    return {identity_ids[row.i]: row for row in _members(tx, rows=rows, at=at, limit=limit)}
