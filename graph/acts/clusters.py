"""Group users and visitors into clusters, keep these in the graph for analysts, and read them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from graph import communities
from graph.acts import reads, weigh
from graph.database import Database
from graph.errors import NotFound
from graph.rules import clusters as rules
from graph.rules import decay, times
from graph.rules.clusters import Bridge, Cluster, ClusterEdge, Label, Together, VisitorStay
from graph.rules.identifiers import in_case, kept_id
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.store import candidates, link, visitors
from graph.store import clusters as store
from graph.store.clusters import Joins, KnownCluster
from graph.transaction import Transaction

T = TypeVar("T")

#: How many visitors one transaction reads, and how many members or clusters one writes.
BATCH = 100
#: As how many members a cluster counts that is removed.
DROPPED_SIZE = 10
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
#: How many members of each kind a cluster keeps.
MEMBERS_MAX = 1_000
#: How many members of each kind, edges and bridges an answer has; of the bridges the most doubtful ones.
SHOWN_MAX = 200
EDGES_MAX = 1_000
BRIDGES_MAX = 100
#: Before the first page: more doubt and members than any cluster has, and an id after all others.
AFTER_ALL = 2.0**53, 2**53, "clu_~"
#: The orders of a list: the largest clusters first, or the most doubtful.
SIZE, DOUBT = "size", "doubt"
ORDERS = (SIZE, DOUBT)
#: How many clusters a list by doubt looks at, the largest first.
LOOK_AT = 100_000


@dataclass(frozen=True)
class ClusterRow:
    """A cluster as it is kept."""

    cluster_id: str
    user_ids: list[str]
    visitor_ids: list[str]
    users: int
    visitors: int
    labels: list[str]
    confidence: float
    doubt: float

    @property
    def digest(self) -> str:
        """A hash of all but the figures. These change a little every day, as relationships fade, which alone is no news."""
        told = self.cluster_id, self.user_ids, self.visitor_ids, self.users, self.visitors, self.labels
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def kept(self) -> dict[str, object]:
        """The row by which the cluster and its members are written."""
        return {
            "cluster_id": self.cluster_id,
            "user_ids": self.user_ids,
            "visitor_ids": self.visitor_ids,
            "members": self.users + self.visitors,
            "users": self.users,
            "visitors": self.visitors,
            "labels": self.labels,
            "digest": self.digest,
        }

    def rated(self) -> dict[str, object]:
        """The row by which its figures are written."""
        return {"cluster_id": self.cluster_id, "confidence": self.confidence, "doubt": self.doubt}


@dataclass(frozen=True)
class WantedClusters:
    """Which clusters to list: with a label or all, of so many members, in an order, after a (doubt, members, id).

    With `about`, the kind and the id of a user or visitor, only the cluster that this one is in.
    """

    label: str | None
    members_min: int
    after: tuple[float, int, str] | None
    limit: int
    order: str = SIZE
    about: tuple[str, str] | None = None


@dataclass(frozen=True)
class FoundCluster:
    """A cluster with those members that edges join now. `left_out` says how many more there are than an answer has."""

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

    `progress` is called after each batch. A visitor counts when it was looked at, and again when its cluster was kept. So in
    the end it is called with twice the number of visitors. All edges are in memory at once. A run that was cut off reads
    them again, and writes only what it had not written.
    """
    edges: list[ClusterEdge] = []
    persons: dict[str, str] = {}
    # Read first: a cluster that somebody was hidden in meanwhile has no digest any more, and must be written.
    known = _known(database)
    looked_at, after = 0, ""
    while page := database.read_within(SECONDS, store.visitors, after=after, limit=BATCH):
        visitor_ids = [one.visitor_id for one in page if one.is_grouped]
        found, whose = database.read_within(SECONDS, gather, visitor_ids, policy, at)
        edges += found
        persons.update(whose)
        looked_at, after = looked_at + len(page), page[-1].visitor_id
        progress(looked_at)
    grouped = communities.clusters(edges, persons, policy, lambda: progress(looked_at))
    for gone in _batches(sorted(known.keys() - {cluster.cluster_id for cluster in grouped}), lambda _: DROPPED_SIZE):
        database.write_within(SECONDS, _drop, gone)
        progress(looked_at)
    kept = 0
    for batch in _batches(grouped, lambda cluster: len(cluster.members)):
        rows = database.read_within(SECONDS, _rows, batch, policy, at)
        progress(looked_at + kept)
        changed = [row for row in rows if known.get(row.cluster_id) != row.digest]
        database.write_within(SECONDS, _keep, changed, rows, at)
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


def page(tx: Transaction, wanted: WantedClusters, policy: Policy) -> Sequence[KnownCluster]:
    """Return clusters, the largest or the most doubtful first.

    Raises:
        NotFound: There is no user or visitor with the id in `about`.
    """
    label, members_min = wanted.label or "", wanted.members_min
    if wanted.about is not None:
        user_id, visitor_id = _named(tx, *wanted.about, policy)
        found = store.about(tx, user_id=user_id, visitor_id=visitor_id, label=label, members_min=members_min)
        # A user or visitor is in one cluster at most, so there is no second page.
        return found if wanted.after is None else []
    after_doubt, after_members, after_id = wanted.after or AFTER_ALL
    if wanted.order == DOUBT:
        return store.doubtful(
            tx,
            label=label,
            members_min=members_min,
            after_doubt=after_doubt,
            after_members=after_members,
            after_id=after_id,
            look_at=LOOK_AT,
            limit=wanted.limit,
        )
    return store.page(
        tx,
        label=label,
        members_min=members_min,
        after_members=after_members,
        after_id=after_id,
        limit=wanted.limit,
    )


def get(tx: Transaction, cluster_id: str, policy: Policy, at: datetime) -> FoundCluster:
    """Return a cluster's members with the edges, labels and bridges that they have now.

    Raises:
        NotFound: There is no such cluster.
    """
    found = store.get.one_or_none(tx, cluster_id=cluster_id, limit=SHOWN_MAX)
    if found is None:
        raise NotFound("there is no such cluster", code="cluster_not_found")
    edges, persons = gather(tx, found.visitor_ids, policy, at)
    sure = [edge for edge in edges if edge.confidence >= policy.cluster_confidence_min]
    listed = [*(f"user:{each}" for each in found.user_ids), *(f"visitor:{each}" for each in found.visitor_ids)]
    cluster = Cluster.of(listed, sure, persons)
    # Whom no edge joins any more is no member, or the edge is hidden.
    joined = {subject for edge in cluster.edges for subject in (edge.one, edge.other)}
    members = [member for member in listed if member in joined]
    cluster = Cluster.of(members, sure, persons)
    together = _together(tx, [cluster], policy, at)[0]
    return FoundCluster(
        cluster_id,
        tuple(members),
        tuple(rules.label(cluster, together, policy)),
        cluster.edges[:EDGES_MAX],
        tuple(communities.bridges(cluster)[:BRIDGES_MAX]),
        found.found_at,
        found.count - (len(members) if found.count > len(listed) else len(listed)),
    )


def _named(tx: Transaction, kind: str, one_id: str, policy: Policy) -> tuple[str | None, str | None]:
    """Return the id of a user or that of a visitor, the other one None."""
    if kind == "user":
        user_id = in_case(one_id, policy.user_id_case)
        reads.find_user(tx, user_id)
        return kept_id(user_id), None
    reads.find_visitor(tx, one_id)
    return None, one_id


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


def _known(database: Database) -> dict[str, str | None]:
    known: dict[str, str | None] = {}
    while page := database.read_within(SECONDS, store.known, after=max(known, default=""), limit=KNOWN_BATCH):
        known |= page
    return known


def _rows(tx: Transaction, found: Sequence[Cluster], policy: Policy, at: datetime) -> list[ClusterRow]:
    return [
        ClusterRow(
            cluster.cluster_id,
            user_ids=_ids(cluster.users[:MEMBERS_MAX]),
            visitor_ids=_ids(cluster.visitors[:MEMBERS_MAX]),
            users=len(cluster.users),
            visitors=len(cluster.visitors),
            labels=[label.name for label in rules.label(cluster, together, policy)],
            confidence=round(cluster.confidence, 2),
            doubt=round(max((bridge.doubt for bridge in communities.bridges(cluster)), default=0.0), 2),
        )
        for cluster, together in zip(found, _together(tx, found, policy, at), strict=True)
    ]


def _keep(tx: Transaction, changed: Sequence[ClusterRow], rated: Sequence[ClusterRow], at: datetime) -> None:
    """Write clusters that changed with their members, and how sure all of these are."""
    if changed:
        _lock(
            tx,
            [row.cluster_id for row in changed],
            {each for row in changed for each in row.visitor_ids},
            {each for row in changed for each in row.user_ids},
        )
        store.keep(tx, [row.kept() for row in changed], at=at)
    store.rate(tx, [row.rated() for row in rated])


def _drop(tx: Transaction, cluster_ids: Sequence[str]) -> None:
    _lock(tx, cluster_ids, set(), set())
    store.drop(tx, cluster_ids)


def _lock(tx: Transaction, cluster_ids: Sequence[str], visitor_ids: set[str], user_ids: set[str]) -> None:
    """Lock visitors and users, and those that clusters have now: an edge that goes or comes locks both of its ends."""
    had_visitors, had_users = store.members(tx, cluster_ids)
    visitors.lock_group(tx, sorted(visitor_ids | had_visitors))
    link.lock(tx, user_ids | had_users)


def _together(tx: Transaction, found: Sequence[Cluster], policy: Policy, at: datetime) -> list[Together]:
    """Return for each cluster that may be a household who was at which address, and for each of one person where it was."""
    homes: dict[str, int] = {}
    persons: dict[str, int] = {}
    for i, cluster in enumerate(found):
        people = len(set(cluster.persons.values()))
        if len(cluster.visitors) > 1 and people == 1:
            persons |= dict.fromkeys(_ids(cluster.visitors[:LOCATED_MAX]), i)
        elif len(cluster.visitors) > 1 and people <= policy.cluster_household_max:
            homes |= dict.fromkeys(_ids(cluster.visitors[:LOCATED_MAX]), i)
    addresses: list[dict[str, set[str]]] = [defaultdict(set) for _ in found]
    weeks = times.iso_weeks(at, policy.address_weeks)
    if homes and weeks:
        for there in candidates.neighbours(
            tx, visitor_ids=sorted(homes), weeks=weeks, places_max=PLACES_MAX, crowd=policy.address_crowd
        ):
            i = homes[there.visitor_id]
            together = {each for each in there.there_ids if homes.get(each) == i}
            if len(together) > 1 and there.visitor_id in together:
                addresses[i][there.address] |= {f"visitor:{each}" for each in together}
    stays: list[list[VisitorStay]] = [[] for _ in found]
    if persons:
        since = at - timedelta(days=STAYS_DAYS)
        for stay in store.stays(tx, visitor_ids=sorted(persons), since=since, sessions_max=SESSIONS_MAX):
            stays[persons[stay.visitor_id]].append(stay)
    return [
        Together({address: frozenset(who) for address, who in where.items()}, stays[i])
        for i, where in enumerate(addresses)
    ]


def _batches(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Divide items into batches of at most `BATCH` in size, or of one item."""
    batch: list[T] = []
    room = BATCH
    for item in items:
        if batch and size(item) > room:
            yield batch
            batch, room = [], BATCH
        batch.append(item)
        room -= size(item)
    if batch:
        yield batch


def _ids(subjects: Iterable[str]) -> list[str]:
    return [subject.partition(":")[2] for subject in subjects]
