"""Say what kind of group a cluster of users and visitors is, and why."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Self

from graph.rules.policy import Policy

#: One person with several browsers.
SEVERAL_DEVICES = "several_devices"
#: Several people, as many as a household may have, who were at one address.
HOUSEHOLD = "household"
#: A browser on which several people logged in, as many as a household may have.
SHARED_DEVICE = "shared_device"
#: A browser on which more people logged in than a household may have.
KIOSK = "kiosk"
#: One account that was used at one time in places that are too far apart to travel.
SHARED_ACCOUNT = "shared_account"
#: More members than a cluster may have, though it was divided.
TOO_BIG = "too_big"
LABELS = (SEVERAL_DEVICES, HOUSEHOLD, SHARED_DEVICE, KIOSK, SHARED_ACCOUNT, TOO_BIG)

#: A cluster has so many members at least: a user with one browser is none.
MEMBERS_MIN = 3
#: The radius of the Earth, in kilometres.
EARTH_KM = 6371.0
#: Nobody travels faster, in kilometres an hour: airliners fly at 900.
TRAVEL_KMH = 1000.0
#: How far, in kilometres, the place of an address may be from where it really is.
PLACE_KM = 100.0


@dataclass(frozen=True, slots=True)
class ClusterEdge:
    """What joins two subjects (`user:ID`, `visitor:ID`): its kind, and how sure it is now, 0–1."""

    one: str
    other: str
    kind: str
    confidence: float


@dataclass(frozen=True)
class Bridge:
    """An edge without which its cluster would be two, of which the smaller one has `splits_off` members.

    `doubt` is 1 - confidence, times `splits_off`: how many members are expected to be there by mistake.
    """

    edge: ClusterEdge
    splits_off: int

    @property
    def doubt(self) -> float:
        """How many members are expected to be in the cluster by mistake, because of this edge."""
        return round((1.0 - self.edge.confidence) * self.splits_off, 4)


@dataclass(frozen=True)
class Label:
    """What kind of group a cluster is, why, and whom the reason is about."""

    name: str
    reason: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class VisitorStay:
    """A visitor's session at a place, in degrees; `place` is the name of its city."""

    visitor_id: str
    started_at: datetime
    last_seen: datetime
    latitude: float
    longitude: float
    place: str


@dataclass(frozen=True)
class Together:
    """What is known of a cluster besides its edges: who was at which address, and where its visitors' sessions were."""

    addresses: Mapping[str, frozenset[str]]
    stays: Sequence[VisitorStay]


@dataclass(frozen=True)
class Cluster:
    """Users and visitors that belong together, and the surest edge between each two of them.

    `persons` has the person whose account each user is.
    """

    members: frozenset[str]
    edges: tuple[ClusterEdge, ...]
    persons: Mapping[str, str]

    @classmethod
    def of(cls, members: Iterable[str], edges: Iterable[ClusterEdge], persons: Mapping[str, str]) -> Self:
        """Return members with those of the edges that join two of them, and an edge between linked users."""
        within = frozenset(members)
        inner = [edge for edge in edges if edge.one != edge.other and edge.one in within and edge.other in within]
        surest: dict[frozenset[str], ClusterEdge] = {}
        for edge in sorted([*inner, *linked(within, persons)], key=lambda edge: edge.confidence):
            surest[frozenset((edge.one, edge.other))] = edge
        whose = {member: persons.get(member, member) for member in within if member.startswith("user:")}
        return cls(within, tuple(sorted(surest.values(), key=lambda edge: (edge.one, edge.other))), whose)

    @cached_property
    def users(self) -> list[str]:
        """The members that are users."""
        return sorted(member for member in self.members if member.startswith("user:"))

    @cached_property
    def visitors(self) -> list[str]:
        """The members that are visitors."""
        return sorted(member for member in self.members if member.startswith("visitor:"))

    @cached_property
    def users_of(self) -> dict[str, list[str]]:
        """The users that logged in on each visitor; of linked users only the first."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for edge in sorted(self.edges, key=lambda edge: (edge.one, edge.other)):
            if edge.kind == "identified_as":
                found[edge.one].setdefault(self.persons[edge.other], edge.other)
        return {visitor: sorted(users.values()) for visitor, users in found.items()}

    @property
    def cluster_id(self) -> str:
        """The id, which stays the same while the cluster keeps the member that comes first by its id."""
        first = (self.visitors or self.users)[0]
        return f"clu_{hashlib.sha256(first.encode()).hexdigest()[:32]}"

    @property
    def confidence(self) -> float:
        """The confidence of the weakest edge, 0–1."""
        return min((edge.confidence for edge in self.edges), default=1.0)


def label(found: Cluster, together: Together, policy: Policy) -> list[Label]:
    """Return what kinds of group a cluster is, in the order of `LABELS`; it may be none, or several."""
    people = {found.persons[user]: user for user in reversed(found.users)}
    labels = [
        _household(found, people, together, policy),
        *_shared_devices(found, policy),
        _shared_account(people, together, policy),
        Label(TOO_BIG, f"it has {len(found.members)} members, more than {policy.cluster_members_max}", ())
        if len(found.members) > policy.cluster_members_max
        else None,
    ]
    given = [each for each in labels if each is not None]
    if not any(each.name in {SHARED_ACCOUNT, TOO_BIG} for each in given):
        given += _several_devices(found, people)
    return sorted(given, key=lambda each: LABELS.index(each.name))


def kilometres(one: VisitorStay, other: VisitorStay) -> float:
    """Return the distance of two places on the Earth, by the haversine formula (https://doi.org/10.1086/132223)."""
    (a_latitude, a_longitude), (b_latitude, b_longitude) = (
        (math.radians(stay.latitude), math.radians(stay.longitude)) for stay in (one, other)
    )
    square = (
        math.sin((b_latitude - a_latitude) / 2) ** 2
        + math.cos(a_latitude) * math.cos(b_latitude) * math.sin((b_longitude - a_longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, square)))


def too_far(stays: Iterable[VisitorStay]) -> list[tuple[VisitorStay, VisitorStay]]:
    """Return pairs of sessions of two visitors, one after the other, that nobody could travel between.

    Example: a session in Stockholm ends at 12:00, and one in Madrid begins at 12:30 on another device. They are 2,600 km
    apart, and nobody flies more than 500 km in half an hour.
    """
    found = []
    for one, other in pairwise(sorted(stays, key=lambda stay: (stay.started_at, stay.visitor_id))):
        hours = max(0.0, (other.started_at - one.last_seen).total_seconds() / 3600)
        if one.visitor_id != other.visitor_id and kilometres(one, other) - PLACE_KM > hours * TRAVEL_KMH:
            found.append((one, other))
    return found


def linked(subjects: Iterable[str], persons: Mapping[str, str]) -> list[ClusterEdge]:
    """Return an edge between each of these subjects that is a user and the next one of the same person."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        if subject in persons:
            accounts[persons[subject]].add(subject)
    return [
        ClusterEdge(one, other, "linked_to", 1.0)
        for users in accounts.values()
        for one, other in pairwise(sorted(users))
    ]


def _several_devices(found: Cluster, people: Mapping[str, str]) -> list[Label]:
    """Return the label of one person's browsers: those on which the person logged in.

    A browser that only resemblance joins may be a housemate's, who has no account.
    """
    known = sorted(found.users_of)
    if len(people) != 1 or len(known) < 2:
        return []
    [user] = people.values()
    return [Label(SEVERAL_DEVICES, f"{user} uses {len(known)} browsers", (user, *known))]


def _household(found: Cluster, people: Mapping[str, str], together: Together, policy: Policy) -> Label | None:
    if not 2 <= len(people) <= policy.cluster_household_max:
        return None
    persons_of = {visitor: {found.persons[user] for user in users} for visitor, users in found.users_of.items()}
    for address, visitors in sorted(together.addresses.items()):
        there = {person for visitor in visitors for person in persons_of.get(visitor, ())}
        if there == set(people):
            users = sorted(people.values())
            return Label(HOUSEHOLD, f"all {len(users)} users were at {address}", tuple(users))
    return None


def _shared_devices(found: Cluster, policy: Policy) -> Iterable[Label | None]:
    shared = {visitor: users for visitor, users in found.users_of.items() if len(users) > 1}
    few = [visitor for visitor, users in shared.items() if len(users) <= policy.cluster_household_max]
    many = [visitor for visitor in shared if visitor not in few]
    for name, visitors in ((SHARED_DEVICE, few), (KIOSK, many)):
        if visitors:
            most = max(visitors, key=lambda visitor: (len(shared[visitor]), visitor))
            others = f", and so on {len(visitors) - 1} more" if len(visitors) > 1 else ""
            yield Label(name, f"{len(shared[most])} users logged in on {most}{others}", tuple(sorted(visitors)))


def _shared_account(people: Mapping[str, str], together: Together, policy: Policy) -> Label | None:
    if len(people) != 1:
        return None
    far = too_far(together.stays)
    days = len({other.started_at.date() for _, other in far})
    if days < policy.cluster_far_min:
        return None
    one, other = max(far, key=lambda pair: kilometres(*pair))
    minutes = max(0, round((other.started_at - one.last_seen).total_seconds() / 60))
    reason = (
        f"on {days} days two of its browsers were in use too far apart to travel, such as in {one.place} and "
        f"{other.place}, {kilometres(one, other):.0f} km and {minutes} minutes apart"
    )
    visitors = sorted({f"visitor:{stay.visitor_id}" for pair in far for stay in pair})
    return Label(SHARED_ACCOUNT, reason, (*people.values(), *visitors))
