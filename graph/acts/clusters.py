"""Cluster users and visitors into clusters, keep these in the graph for analysts, and read them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from graph import communities
from graph.acts import weigh
from graph.database import Database
from graph.errors import NotFound
from graph.rules import clusters as rules
from graph.rules import decay, times
from graph.rules.clusters import Bridge, Cluster, ClusterEdge, Label, Together
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.store import candidates, link, visitors
from graph.store import clusters as store
from graph.store.clusters import Joins, KnownCluster
from graph.transaction import Transaction

T = TypeVar("T")

#: How many visitors, or clusters, one transaction reads or writes.
BATCH = 100
#: How many ids of clusters one transaction reads.
KNOWN_BATCH = 10_000
#: The longest time for a transaction, in seconds: longer than a request, and well below the lease of a job.
SECONDS = 60.0
#: How many users of a visitor are looked at, the surest first.
USERS_MAX = 1_000
#: How many addresses of a visitor are looked at.
PLACES_MAX = 500
#: How many of a cluster's visitors are looked at for where they were, and how many sessions of each.
LOCATED_MAX = 50
SESSIONS_MAX = 200
#: How long ago these sessions may be.
STAYS_DAYS = 28
#: How many members of each kind an answer has.
MEMBERS_MAX = 1_000
#: How many bridges an answer has, the most doubtful first.
BRIDGES_MAX = 100
#: Sorts after the id of every cluster, and is more than any has members.
AFTER_ALL = 2**53, "clu_~"


@dataclass(frozen=True)
class FoundCluster:
    """A cluster with its members as they are joined now. `left_out` says how many members were left out."""

    cluster_id: str
    members: tuple[str, ...]
    labels: tuple[Label, ...]
    edges: tuple[ClusterEdge, ...]
    bridges: tuple[Bridge, ...]
    found_at: datetime
    left_out: int


def act(
    database: Database, policy: Policy, at: datetime, progress: Callable[[int], None] = lambda _looked_at: None
) -> int:
    """Group a tenant's users and visitors, and keep the clusters; return how many there are.

    `progress` is called after each batch, with twice the number of visitors in the end: each counts when it was looked at,
    and again when its cluster, if any, was kept. A cluster that was kept as it is now is not written again, so a run that
    was cut off goes on with what it had not written.
    """
    edges: list[ClusterEdge] = []
    persons: dict[str, str] = {}
    looked_at, after = 0, ""
    while page := database.read_within(SECONDS, store.visitors, after=after, limit=BATCH):
        visitor_ids = [one.visitor_id for one in page if one.is_grouped]
        found, whose = database.read_within(SECONDS, gather, visitor_ids, policy, at)
        edges += found
        persons.update(whose)
        looked_at, after = looked_at + len(page), page[-1].visitor_id
        progress(looked_at)
    grouped = communities.clusters(edges, persons, policy)
    known = _known(database)
    for gone in _batches(sorted(known.keys() - {cluster.cluster_id for cluster in grouped})):
        database.write_within(SECONDS, store.drop, gone)
    kept = 0
    for batch in _batches(grouped):
        rows = database.read_within(SECONDS, _rows, batch, policy, at)
        changed = [row for row in rows if known.get(str(row["cluster_id"])) != row["digest"]]
        if changed:
            database.write_within(SECONDS, _keep, changed, at)
        kept += sum(len(cluster.visitors) for cluster in batch)
        progress(looked_at + kept)
    progress(2 * looked_at)
    return len(grouped)


def gather(
    tx: Transaction, visitor_ids: Sequence[str], policy: Policy, at: datetime
) -> tuple[list[ClusterEdge], dict[str, str]]:
    """Return the edges of visitors that stand for their merge groups, each as sure as it is now, and the persons of users.

    These are their relationships, their open candidates, and the inference of their latest tenure.
    """
    half_life, least = policy.relationship_half_life_days, policy.cluster_confidence_min
    joins = store.joins(
        tx,
        visitor_ids=visitor_ids,
        rank_min=decay.rank_of_bound(100 * least, at, half_life),
        confidence_min=least,
        users_max=USERS_MAX,
    )
    edges: list[ClusterEdge] = []
    persons: dict[str, str] = {}
    for one in joins:
        visitor = f"visitor:{one.visitor_id}"
        for user in one.users:
            persons[f"user:{user.user_id}"] = user.person_id
            sure = round(decay.confidence_now(user.rank, at, half_life) / 100, 4)
            edges.append(ClusterEdge(visitor, f"user:{user.user_id}", "identified_as", sure))
        edges += [
            ClusterEdge(visitor, f"visitor:{other.visitor_id}", "may_be", other.confidence) for other in one.candidates
        ]
    inferred, whose = _inferred(tx, joins, Bound(least, at, policy))
    return edges + inferred, persons | whose


def page(
    tx: Transaction, *, label: str | None, members_min: int, after: tuple[int, str] | None, limit: int
) -> Sequence[KnownCluster]:
    """Return the clusters with a label, or all, largest first, that come after a (number of members, id)."""
    after_members, after_id = after or AFTER_ALL
    return store.page(
        tx,
        label=label or "",
        members_min=members_min,
        after_members=after_members,
        after_id=after_id,
        limit=limit,
    )


def get(tx: Transaction, cluster_id: str, policy: Policy, at: datetime) -> FoundCluster:
    """Return a cluster's members with the edges, labels and bridges that they have now.

    Raises:
        NotFound: There is no such cluster.
    """
    found = store.get.one_or_none(tx, cluster_id=cluster_id, limit=MEMBERS_MAX)
    if found is None:
        raise NotFound("there is no such cluster", code="cluster_not_found")
    edges, persons = gather(tx, found.visitor_ids, policy, at)
    members = [*(f"user:{each}" for each in found.user_ids), *(f"visitor:{each}" for each in found.visitor_ids)]
    cluster = Cluster.of(members, [edge for edge in edges if edge.confidence >= policy.cluster_confidence_min], persons)
    together = _together(tx, [cluster], policy, at)[0]
    return FoundCluster(
        cluster_id,
        tuple(members),
        tuple(rules.label(cluster, together, policy)),
        cluster.edges,
        tuple(communities.bridges(cluster)[:BRIDGES_MAX]),
        found.found_at,
        found.count - len(members),
    )


def _inferred(tx: Transaction, joins: Sequence[Joins], bound: Bound) -> tuple[list[ClusterEdge], dict[str, str]]:
    """Return an edge from each visitor to the user or visitor that it probably belongs to, and the persons of users."""
    weighed = weigh.weigh(tx, [one.resolved for one in joins], bound.policy)
    probable = {
        one.visitor_id: standing
        for one, resolved in zip(joins, weighed, strict=True)
        if (standing := resolved.standing(bound)).method == "probable" and standing.identity_id not in one.hidden_ids
    }
    owners = store.owners(tx, sorted({standing.identity_id for standing in probable.values()}))
    edges: list[ClusterEdge] = []
    persons: dict[str, str] = {}
    for visitor_id, standing in probable.items():
        owner = owners.get(standing.identity_id)
        if owner is None:
            continue
        other = f"visitor:{owner.visitor_id}"
        if owner.user_id is not None:
            other = f"user:{owner.user_id}"
            persons[other] = owner.person_id
        edges.append(ClusterEdge(f"visitor:{visitor_id}", other, "probably", standing.confidence))
    return edges, persons


def _known(database: Database) -> dict[str, str]:
    known: dict[str, str] = {}
    while page := database.read_within(SECONDS, store.known, after=max(known, default=""), limit=KNOWN_BATCH):
        known |= page
    return known


def _rows(tx: Transaction, found: Sequence[Cluster], policy: Policy, at: datetime) -> list[dict[str, object]]:
    rows = []
    for cluster, together in zip(found, _together(tx, found, policy, at), strict=True):
        row: dict[str, object] = {
            "cluster_id": cluster.cluster_id,
            "user_ids": _ids(cluster.users),
            "visitor_ids": _ids(cluster.visitors),
            "members": len(cluster.members),
            "users": len(cluster.users),
            "visitors": len(cluster.visitors),
            "labels": [label.name for label in rules.label(cluster, together, policy)],
            # Relationships fade a little every hour, which alone is no news.
            "confidence": round(cluster.confidence, 2),
            "doubt": round(max((bridge.doubt for bridge in communities.bridges(cluster)), default=0.0), 2),
        }
        rows.append({**row, "digest": hashlib.sha256(json.dumps(row).encode()).hexdigest()})
    return rows


def _keep(tx: Transaction, rows: Sequence[Mapping[str, object]], at: datetime) -> None:
    visitors.lock_group(tx, sorted({each for row in rows for each in row["visitor_ids"]}))  # type: ignore[attr-defined]
    link.lock(tx, {each for row in rows for each in row["user_ids"]})  # type: ignore[attr-defined]
    store.keep(tx, rows, at=at)


def _together(tx: Transaction, found: Sequence[Cluster], policy: Policy, at: datetime) -> list[Together]:
    """Return for each cluster who was at which address, if it may be a household, and where its visitors' sessions were."""
    located = {
        visitor_id: i
        for i, cluster in enumerate(found)
        if len(cluster.visitors) > 1
        for visitor_id in _ids(cluster.visitors[:LOCATED_MAX])
    }
    addresses: list[dict[str, set[str]]] = [defaultdict(set) for _ in found]
    weeks = times.iso_weeks(at, policy.address_weeks)
    if located and weeks:
        for there in candidates.neighbours(
            tx, visitor_ids=sorted(located), weeks=weeks, places_max=PLACES_MAX, crowd=policy.address_crowd
        ):
            i = located[there.visitor_id]
            beside = {each for each in there.neighbour_ids if located.get(each) == i}
            if beside:
                addresses[i][there.address] |= {f"visitor:{each}" for each in (there.visitor_id, *beside)}
    stays = defaultdict(list)
    if located:
        since = at - timedelta(days=STAYS_DAYS)
        for stay in store.stays(tx, visitor_ids=sorted(located), since=since, sessions_max=SESSIONS_MAX):
            stays[located[stay.visitor_id]].append(stay)
    return [
        Together({address: frozenset(who) for address, who in where.items()}, stays[i])
        for i, where in enumerate(addresses)
    ]


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _ids(subjects: Iterable[str]) -> list[str]:
    return [subject.partition(":")[2] for subject in subjects]
