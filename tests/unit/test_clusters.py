"""Clusters: what edges join, which of them hold it together, and what kind of group it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import communities
from graph.rules import clusters as rules
from graph.rules.clusters import Cluster, ClusterEdge, Together, VisitorStay
from graph.rules.policy import Policy
from tests.given import NOON

POLICY = Policy()
NO_ACCOUNTS: Mapping[str, str] = MappingProxyType({})
NOTHING = Together({}, ())
STOCKHOLM, MADRID = (59.33, 18.07), (40.42, -3.70)


def login(visitor: str, user: str, confidence: float = 0.95) -> ClusterEdge:
    return ClusterEdge(f"visitor:{visitor}", f"user:{user}", "identified_as", confidence)


def candidate(one: str, other: str, confidence: float) -> ClusterEdge:
    return ClusterEdge(f"visitor:{one}", f"visitor:{other}", "may_be", confidence)


def found(*edges: ClusterEdge, policy: Policy = POLICY, accounts: Mapping[str, str] = NO_ACCOUNTS) -> list[Cluster]:
    users = {subject for edge in edges for subject in (edge.one, edge.other) if subject.startswith("user:")}
    return communities.clusters(edges, {user: accounts.get(user, user) for user in users}, policy)


def labels(cluster: Cluster, together: Together = NOTHING) -> dict[str, str]:
    return {label.name: label.reason for label in rules.label(cluster, together, POLICY)}


def stay(visitor: str, minutes: int, where: tuple[float, float], place: str, at: datetime = NOON) -> VisitorStay:
    started = at + timedelta(minutes=minutes)
    return VisitorStay(visitor, started, started + timedelta(minutes=5), *where, place)


HOME = (login("phone", "mum"), login("tablet", "mum"), login("tablet", "kid"), login("laptop", "kid"))


def test_a_household_at_one_tablet_is_one_cluster_and_two_homes_are_two() -> None:
    both = found(*HOME, login("mac", "eve"), login("pc", "eve"))
    assert sorted(map(sorted, (cluster.members for cluster in both))) == [
        ["user:eve", "visitor:mac", "visitor:pc"],
        ["user:kid", "user:mum", "visitor:laptop", "visitor:phone", "visitor:tablet"],
    ]


def test_a_user_with_one_browser_is_none_and_weak_edges_join_nothing() -> None:
    assert found(login("phone", "mum")) == []
    assert found(login("phone", "mum"), candidate("phone", "pc", 0.29)) == []
    [joined] = found(login("phone", "mum"), candidate("phone", "pc", 0.3))
    assert (joined.visitors, joined.confidence) == (["visitor:pc", "visitor:phone"], 0.3)


def test_browsers_that_only_resemblance_joins_are_not_called_one_persons() -> None:
    [cluster] = found(login("phone", "mum"), candidate("phone", "pc", 0.6))
    assert labels(cluster) == {}
    [cluster] = found(login("phone", "mum"), login("laptop", "mum"), candidate("phone", "pc", 0.6))
    assert labels(cluster) == {"several_devices": "user:mum uses 2 browsers"}


def test_linked_users_are_joined_and_one_person() -> None:
    [cluster] = found(login("phone", "dee"), login("pc", "dee@work"), accounts={"user:dee@work": "user:dee"})
    assert ClusterEdge("user:dee", "user:dee@work", "linked_to", 1.0) in cluster.edges
    assert labels(cluster) == {"several_devices": "user:dee uses 2 browsers"}


def test_the_bridge_behind_which_most_may_be_by_mistake_comes_first() -> None:
    edges = (login("phone", "mum"), candidate("phone", "tablet", 0.4), login("tablet", "kid"), login("laptop", "kid"))
    [cluster] = found(*edges)
    assert [(bridge.edge.one, bridge.edge.other, bridge.splits_off) for bridge in communities.bridges(cluster)][:1] == [
        ("visitor:phone", "visitor:tablet", 2)
    ]
    assert communities.bridges(cluster)[0].doubt == 1.2
    apart = Cluster.of(
        ["visitor:a", "visitor:b", "visitor:c", *(f"visitor:{name}" for name in "defghij")],
        [candidate("a", "b", 0.5), candidate("b", "c", 0.5), *(candidate("d", name, 0.9) for name in "efghij")],
        {},
    )
    assert {bridge.splits_off for bridge in communities.bridges(apart)} == {1}
    ring = found(*edges, login("laptop", "mum"))
    assert communities.bridges(ring[0]) == []


def test_each_label_has_its_reason() -> None:
    [home] = found(*HOME)
    at_home = Together({"203.0.113.7": frozenset({"visitor:phone", "visitor:laptop"})}, ())
    assert labels(home, at_home) == {
        "household": "all 2 users were at 203.0.113.7",
        "shared_device": "2 users logged in on visitor:tablet",
    }
    assert "household" not in labels(home, Together({"203.0.113.7": frozenset({"visitor:phone"})}, ()))

    [kiosk] = found(*(login("terminal", f"guest-{number}") for number in range(7)))
    assert labels(kiosk) == {"kiosk": "7 users logged in on visitor:terminal"}
    [six] = found(*(login("terminal", f"guest-{number}") for number in range(6)))
    assert list(labels(six)) == ["shared_device"]


def test_an_account_in_two_places_at_once_is_shared_by_several() -> None:
    [account] = found(login("mac", "team"), login("pc", "team"))
    days = [
        each
        for day in range(3)
        for each in (
            stay("mac", 0, STOCKHOLM, "Stockholm", NOON + timedelta(days=day)),
            stay("pc", 30, MADRID, "Madrid", NOON + timedelta(days=day)),
        )
    ]
    assert labels(account, Together({}, days)) == {
        "shared_account": (
            "on 3 days two of its browsers were in use too far apart to travel, such as in Stockholm and Madrid, "
            "2593 km and 25 minutes apart"
        ),
    }
    assert "shared_account" not in labels(account, Together({}, days[:4]))
    # A flight of four hours, and one browser that travels, are nothing odd.
    assert rules.too_far([stay("mac", 0, STOCKHOLM, ""), stay("pc", 240, MADRID, "")]) == []
    assert rules.too_far([stay("mac", 0, STOCKHOLM, ""), stay("mac", 30, MADRID, "")]) == []


def test_a_large_component_is_divided_where_it_hangs_together_least() -> None:
    two_offices = [
        *(
            login(f"pc-{office}-{number}", f"u-{office}-{other}")
            for office in "ab"
            for number in range(15)
            for other in (number, (number + 1) % 15, (number + 2) % 15)
        ),
        candidate("pc-a-0", "pc-b-0", 0.35),
    ]
    divided = found(*two_offices)
    assert {frozenset(member.split("-")[1] for member in cluster.members) for cluster in divided} == {
        frozenset("a"),
        frozenset("b"),
    }
    assert found(*two_offices, policy=POLICY.with_overrides({"cluster_members_max": 100}))[0].members >= {"user:u-a-0"}
    [crowd] = found(*(login("terminal", f"guest-{number}") for number in range(60)))
    assert list(labels(crowd)) == ["kiosk", "too_big"]


EDGES = st.lists(
    st.builds(
        lambda one, other, confidence: ClusterEdge(f"visitor:{one}", f"user:{other}", "identified_as", confidence),
        st.integers(0, 8),
        st.integers(0, 8),
        st.sampled_from([0.1, 0.3, 0.5, 0.9]),
    ),
    max_size=30,
)


@given(EDGES)
def test_nobody_is_in_two_clusters_and_without_a_bridge_a_cluster_is_two(edges: list[ClusterEdge]) -> None:
    clusters = found(*edges)
    members = [member for cluster in clusters for member in cluster.members]
    assert len(members) == len(set(members))
    for cluster in clusters:
        whole: nx.Graph[str] = nx.Graph([(edge.one, edge.other) for edge in cluster.edges])
        assert set(whole) == cluster.members
        cuts = {bridge.edge: bridge.splits_off for bridge in communities.bridges(cluster)}
        for edge in cluster.edges:
            without = whole.copy()
            without.remove_edge(edge.one, edge.other)
            parts = sorted(map(len, nx.connected_components(without)))
            assert cuts.get(edge) == (parts[0] if len(parts) == 2 else None)


@given(EDGES, st.randoms(use_true_random=False))
def test_order_makes_no_difference_nor_does_the_age_of_edges(edges: list[ClusterEdge], random: "object") -> None:
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    divided = POLICY.with_overrides({"cluster_members_max": 3})
    once, again = found(*edges, policy=divided), found(*shuffled, policy=divided)
    assert [(one.cluster_id, one.members) for one in once] == [(one.cluster_id, one.members) for one in again]
    assert [one.confidence for one in once] == pytest.approx([one.confidence for one in again])
