"""Clusters of users and visitors, as the graph keeps them, and what they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.clusters import VisitorStay
from graph.rules.probable import Resolved
from graph.transaction import Transaction


@dataclass(frozen=True)
class KnownCluster:
    """A cluster as the job found it; `confidence` is that of its weakest edge, and `doubt` that of the worst bridge."""

    cluster_id: str
    members: int
    users: int
    visitors: int
    labels: list[str]
    confidence: float
    doubt: float
    found_at: datetime


@dataclass(frozen=True)
class ClusterMembers:
    """The members of a cluster, by their ids; `count` is of all of them."""

    found_at: datetime
    count: int
    visitor_ids: list[str]
    user_ids: list[str]


@dataclass(frozen=True)
class Grouped:
    """A visitor; it `is_grouped` if it is a browser that stands for its merge group."""

    visitor_id: str
    is_grouped: bool


@dataclass(frozen=True)
class UserBeside:
    """A user of a visitor's relationship, the person whose account it is, and the relationship's rank."""

    user_id: str
    person_id: str
    rank: float


@dataclass(frozen=True)
class CandidateBeside:
    """The other visitor of an open candidate."""

    visitor_id: str
    confidence: float


@dataclass(frozen=True)
class Joins:
    """What joins a visitor to others: users, candidates, and whose its latest tenure is (`resolved`).

    `hidden_ids` are identities that it must not be said to belong to.
    """

    visitor_id: str
    users: list[UserBeside]
    candidates: list[CandidateBeside]
    resolved: Resolved
    hidden_ids: list[str]


@dataclass(frozen=True)
class IdentityOwner:
    """Who an identity is: a user, or the visitor that a tenure is on."""

    identity_id: str
    user_id: str | None
    person_id: str
    visitor_id: str | None


@dataclass(frozen=True)
class _Digest:
    cluster_id: str
    digest: str | None


@dataclass(frozen=True)
class _MemberIds:
    visitor_ids: list[str]
    user_ids: list[str]


page = query("clusters/page", KnownCluster)
doubtful = query("clusters/doubtful", KnownCluster)
about = query("clusters/about", KnownCluster)
get = query("clusters/get", ClusterMembers)
visitors = query("clusters/visitors", Grouped)
joins = query("clusters/edges", Joins)
stays = query("clusters/stays", VisitorStay)
_owners = query("clusters/owners", IdentityOwner)
_known = query("clusters/known", _Digest)
_keep = query("clusters/keep", Nothing)
_rate = query("clusters/rate", Nothing)
_members = query("clusters/members", _MemberIds)
_drop = query("clusters/drop", Nothing)


def owners(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, IdentityOwner]:
    """Return who identities are, by their ids; hidden users are left out."""
    return {row.identity_id: row for row in _owners(tx, identity_ids=identity_ids)} if identity_ids else {}


def known(tx: Transaction, *, after: str, limit: int) -> dict[str, str | None]:
    """Return a page of the clusters that are kept, in the order of their ids: a hash of each one's members, by its id."""
    return {row.cluster_id: row.digest for row in _known(tx, after=after, limit=limit)}


def members(tx: Transaction, cluster_ids: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the ids of the visitors and of the users that clusters have now."""
    found = _members.one(tx, cluster_ids=cluster_ids)
    return set(found.visitor_ids), set(found.user_ids)


def keep(tx: Transaction, rows: Sequence[Mapping[str, object]], *, at: datetime) -> None:
    """Write clusters with their members. These must be locked, and so must those that the clusters had before."""
    _keep(tx, rows=rows, at=at)


def rate(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    """Write how sure clusters are."""
    _rate(tx, rows=rows)


def drop(tx: Transaction, cluster_ids: Sequence[str]) -> None:
    """Remove clusters, whose members must be locked."""
    _drop(tx, cluster_ids=cluster_ids)
