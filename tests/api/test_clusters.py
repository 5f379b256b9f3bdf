"""GET /clusters lists groups of users and visitors that belong together, and /clusters/{id} says why they do."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from app import jobs
from graph import communities
from graph.database import Database
from graph.rules.clusters import Cluster
from graph.store import clusters as store
from tests.api.test_candidates import days_at_home
from tests.api.test_visibility import hide
from tests.world import IPHONE, Answer, Api, Clock, Done, Graph

HOME = "203.0.113.20"
_numbers = itertools.count()


@pytest.fixture
def find(database: Database, api: Api, clock: Clock) -> Callable[[], int | None]:
    def run() -> int | None:
        return jobs.run(database, api.keys.tenant_id, "clusters", clock=clock, new_id=lambda: f"{next(_numbers):06d}")

    return run


def at_home(api: Api) -> dict[str, Answer]:
    """Mum and the kid at one tablet, each with a device of their own, all at one address."""
    tablet = api.init("tablet", address=HOME)
    phone, laptop = api.init("phone", address=HOME, agent=IPHONE), api.init("laptop", address=HOME)
    api.identify(tablet, "mum", address=HOME)
    api.identify(tablet, "kid", address=HOME)
    api.identify(phone, "mum", address=HOME, agent=IPHONE)
    api.identify(laptop, "kid", address=HOME)
    return {"tablet": tablet, "phone": phone, "laptop": laptop}


def members(cluster: Answer) -> set[str]:
    return set(cluster["members"])


def test_a_household_is_one_cluster_with_its_labels_edges_and_bridges(
    api: Api, find: Callable[[], int | None], graph: Graph
) -> None:
    home = at_home(api)
    assert find() == 1
    [listed] = api.pages("clusters")
    assert (listed["members"], listed["users"], listed["visitors"]) == (5, 2, 3)
    assert listed["labels"] == ["household", "shared_device"]
    shown = api.get("clusters", listed["clusterId"])
    visitor = {name: f"visitor:{visit['visitorId']}" for name, visit in home.items()}
    assert members(shown) == {"user:mum", "user:kid", *visitor.values()}
    assert {(edge["one"], edge["other"]) for edge in shown["edges"] if edge["kind"] == "identified_as"} >= {
        (visitor["tablet"], "user:mum"),
        (visitor["tablet"], "user:kid"),
        (visitor["phone"], "user:mum"),
        (visitor["laptop"], "user:kid"),
    }
    assert [(label["name"], label["subjects"]) for label in shown["labels"]] == [
        ("household", ["user:kid", "user:mum"]),
        ("shared_device", [visitor["tablet"]]),
    ]
    assert shown["bridges"][0]["splitsOff"] == 2
    assert shown["bridges"][0]["doubt"] == pytest.approx(listed["doubt"], abs=0.01)
    assert graph.rows(
        "MATCH (c:Cluster)<-[:IN_CLUSTER]-(m) RETURN count(DISTINCT c) AS clusters, count(m) AS members"
    ) == [{"clusters": 1, "members": 5}]


def test_a_run_without_news_writes_nothing_and_a_cluster_that_parted_is_two(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    home = at_home(api)
    phone = api.init("mum's second", address="203.0.113.99", agent=IPHONE)
    api.identify(phone, "mum", address="203.0.113.99", agent=IPHONE)
    find()
    [before] = api.pages("clusters")
    clock.forward(days=7)
    find()
    [later] = api.pages("clusters")
    assert later["foundAt"] == before["foundAt"]
    assert later["confidence"] < before["confidence"]
    api.remove("users", "kid", "visitors", home["tablet"]["visitorId"])
    assert find() == 1
    [after] = api.pages("clusters")
    assert (after["users"], after["visitors"], after["labels"]) == (1, 3, ["several_devices"])
    assert api.get("clusters", after["clusterId"])["leftOut"] == 0


def test_clusters_are_listed_by_label_and_size_page_by_page(api: Api, find: Callable[[], int | None]) -> None:
    at_home(api)
    for number in range(3):
        for device in ("mac", "pc"):
            address = f"198.51.100.{number}"
            visit = api.init(f"{device} {number}", address=address)
            api.identify(visit, f"user-{number}", address=address)
    assert find() == 4
    assert [one["members"] for one in api.pages("clusters")] == [5, 3, 3, 3]
    first = api.get("clusters", limit=2)
    second = api.get("clusters", limit=2, cursor=first["nextCursor"])
    assert [*first["items"], *second["items"]] == api.pages("clusters")
    assert second["nextCursor"] is None
    assert [one["members"] for one in api.pages("clusters", label="several_devices")] == [3, 3, 3]
    assert [one["members"] for one in api.pages("clusters", minMembers=4)] == [5]
    refused = api.get("clusters", label="several_devices", cursor=first["nextCursor"], expect=400)
    assert "cursor of another list" in str(refused["errors"])
    assert api.get("clusters", label="family", expect=400)["errors"].keys() == {"label"}


def test_the_most_doubtful_clusters_come_first_page_by_page(api: Api, find: Callable[[], int | None]) -> None:
    """A cluster of two equal phones rests on an inference, which is less sure than a login."""
    at_home(api)
    for number in range(3):
        address = f"198.51.100.{number}"
        one, _ = (api.init(None, address=address, agent=IPHONE) for _ in range(2))
        api.identify(one, f"user-{number}", address=address, agent=IPHONE)
    for device in ("mac", "pc"):
        api.identify(api.init(device), "anna")
    assert find() == 5
    by_doubt = api.pages("clusters", order="doubt")
    assert [one["doubt"] for one in by_doubt] == sorted((one["doubt"] for one in by_doubt), reverse=True)
    assert by_doubt[0]["doubt"] > by_doubt[-1]["doubt"] > 0
    assert len({one["clusterId"] for one in by_doubt}) == 5
    assert by_doubt != api.pages("clusters", order="size")
    first = api.get("clusters", order="doubt", limit=2)
    second = api.get("clusters", order="doubt", limit=2, cursor=first["nextCursor"])
    third = api.get("clusters", order="doubt", limit=2, cursor=second["nextCursor"])
    assert [*first["items"], *second["items"], *third["items"]] == by_doubt
    assert third["nextCursor"] is None
    rows = api.get("queries", "doubtful_clusters")["rows"]
    assert [row["cluster_id"] for row in rows] == [one["clusterId"] for one in by_doubt]
    assert len(api.pages("clusters", order="doubt", label="household", minMembers=4)) == 1
    refused = api.get("clusters", order="size", cursor=first["nextCursor"], expect=400)
    assert "cursor of another list" in str(refused["errors"])


def test_a_cluster_is_found_by_who_is_in_it(api: Api, find: Callable[[], int | None]) -> None:
    home = at_home(api)
    for device in ("mac", "pc"):
        api.identify(api.init(device), "anna")
    alone = api.init("lonely")
    find()
    largest, other = api.pages("clusters")
    tablet = f"visitor:{home['tablet']['visitorId']}"
    for about in ("user:mum", tablet):
        assert api.get("clusters", about=about).json == {"items": [largest], "nextCursor": None}
        assert api.pages("clusters", about=about, order="doubt", limit=1) == [largest]
    assert api.pages("clusters", about="user:anna") == [other]
    assert api.pages("clusters", about="user:anna", label="household") == []
    assert api.pages("clusters", about=f"visitor:{alone['visitorId']}") == []
    # The merged visitor is now where its survivor is.
    api.change("visitors", alone["visitorId"], "merge", into=home["tablet"]["visitorId"])
    assert api.pages("clusters", about=f"visitor:{alone['visitorId']}") == [largest]
    assert api.get("clusters", about="user:nobody", expect=404)["code"] == "user_not_found"
    assert api.get("clusters", about="visitor:none", expect=404)["code"] == "visitor_not_found"
    assert api.get("clusters", about="session:x", expect=400)["errors"].keys() == {"about"}
    hide(api, "kid")
    api.get("clusters", about="user:kid", expect=404)
    assert api.pages("clusters", about="user:mum") == []


def test_who_is_hidden_or_erased_is_in_no_cluster(api: Api, find: Callable[[], int | None]) -> None:
    at_home(api)
    find()
    [cluster] = api.pages("clusters")
    hide(api, "kid")
    # Its figures and labels tell of two users.
    assert api.pages("clusters") == []
    shown = api.get("clusters", cluster["clusterId"])
    assert "user:kid" not in str(shown)
    assert (shown["leftOut"], [label["name"] for label in shown["labels"]]) == (0, ["several_devices"])
    assert find() == 1
    api.remove("users", "mum", expect=200)
    assert "user:mum" not in str(api.get("clusters", cluster["clusterId"]))
    assert find() == 0
    assert api.pages("clusters") == []
    api.get("clusters", cluster["clusterId"], expect=404)


def test_who_is_hidden_while_the_job_runs_is_counted_in_no_list(
    api: Api, find: Callable[[], int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(api)
    grouped = communities.clusters

    def hides(*args: Any) -> list[Cluster]:
        found = grouped(*args)
        hide(api, "kid")
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(communities, "clusters", hides)
        assert find() == 1
    assert api.pages("clusters") == []
    find()
    assert [one["users"] for one in api.pages("clusters")] == [1]
    hide(api, "kid", visible=True)
    find()
    assert [one["users"] for one in api.pages("clusters")] == [2]


def test_a_hidden_relationship_joins_nobody(api: Api, find: Callable[[], int | None]) -> None:
    home = at_home(api)
    find()
    [cluster] = api.pages("clusters")
    hide(api, "kid", home["tablet"])
    assert api.pages("clusters") == []
    shown = api.get("clusters", cluster["clusterId"])
    tablet = f"visitor:{home['tablet']['visitorId']}"
    assert [edge["other"] for edge in shown["edges"] if edge["one"] == tablet and "user" in edge["other"]] == [
        "user:mum"
    ]


def test_who_is_left_with_a_cluster_only_is_erased_with_the_visitor(
    api: Api, find: Callable[[], int | None], graph: Graph
) -> None:
    mac, pc = (api.init(name) for name in ("mac", "pc"))
    for visit in (mac, pc):
        api.identify(visit, "anna")
    assert find() == 1
    for visit in (mac, pc):
        api.remove("visitors", visit["visitorId"], expect=200)
    assert graph.count("User") == 0
    api.get("users", "anna", expect=404)
    assert api.pages("clusters") == []


def test_who_comes_again_after_an_erasure_is_a_member_again(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph
) -> None:
    mac, pc = (api.init(name) for name in ("mac", "pc"))
    for visit in (mac, pc):
        api.identify(visit, "anna")
    find()
    graph.rows("MATCH (:User)-[in:IN_CLUSTER]->(c) DELETE in REMOVE c.digest")
    assert api.pages("clusters") == []
    find()
    assert graph.rows("MATCH (u:User)-[:IN_CLUSTER]->() RETURN u.user_id AS user") == [{"user": "anna"}]


def test_a_candidate_that_a_split_or_merge_overtook_joins_nobody(
    database: Database, api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    laptop, phone = days_at_home(api, clock)
    jobs.run(database, api.keys.tenant_id, "candidates", clock=clock, new_id=lambda: f"{next(_numbers):06d}")
    api.identify(api.init("desk", address="198.51.100.7"), "anna", address="198.51.100.7")
    api.identify(laptop, "anna", address=HOME)
    assert find() == 1
    [listed] = api.pages("clusters")
    assert f"visitor:{phone['visitorId']}" in members(api.get("clusters", listed["clusterId"]))
    api.change("visitors", laptop["visitorId"], "merge", into=phone["visitorId"])
    shown = api.get("clusters", listed["clusterId"])
    assert [edge for edge in shown["edges"] if edge["one"] == edge["other"] or edge["kind"] == "may_be"] == []
    api.change("visitors", laptop["visitorId"], "split")
    find()
    assert "may_be" not in str([api.get("clusters", each["clusterId"]).json for each in api.pages("clusters")])


def test_two_who_are_probably_one_are_joined(api: Api, find: Callable[[], int | None]) -> None:
    """Two equal phones at one address: what a login carries on joins the second one."""
    one = api.init(None, address=HOME, agent=IPHONE)
    other = api.init(None, address=HOME, agent=IPHONE)
    api.identify(one, "anna", address=HOME, agent=IPHONE)
    assert find() == 1
    [listed] = api.pages("clusters")
    shown = api.get("clusters", listed["clusterId"])
    edges = {(edge["one"], edge["other"], edge["kind"]): edge["confidence"] for edge in shown["edges"]}
    said = api.get("sessions", other["sessionId"], minConfidence=0.3)
    assert edges[f"visitor:{other['visitorId']}", "user:anna", "probably"] == said["confidence"]


def test_a_terminal_finds_lists_and_shows(api: Api, command: Callable[..., Done]) -> None:
    at_home(api)
    tenant = api.keys.tenant_id
    done = command("clusters", tenant, "--find")
    assert "clusters: 1" in done.err
    [listed] = command("clusters", tenant, "--json").json["items"]
    assert listed["clusterId"] in done.out
    shown = command("clusters", tenant, "--show", listed["clusterId"])
    # By the terminal's clock, nobody was at any address lately.
    assert shown.out.startswith("shared_device: 2 users logged in on visitor:vis_")
    assert command("clusters", tenant, "--show", listed["clusterId"], "--json").json["members"]
    assert "there is no such cluster" in command("clusters", tenant, "--show", "clu_none").err
    assert "none that this list printed" in command("clusters", tenant, "--cursor", "x").err
    for more in (("--order", "doubt"), ("--about", "user:kid")):
        assert command("clusters", tenant, "--json", *more).json["items"] == [listed]
    assert "neither user:ID nor visitor:ID" in command("clusters", tenant, "--about", "kid").err


def test_a_run_that_was_cut_off_is_finished_by_the_next(
    api: Api, find: Callable[[], int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(api)
    for number in range(3):
        for device in ("mac", "pc"):
            address = f"198.51.100.{number}"
            api.identify(api.init(f"{device} {number}", address=address), f"user-{number}", address=address)
    monkeypatch.setattr("graph.acts.clusters.BATCH", 1)
    calls: list[int] = []

    def fails(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        if len(calls) > 2:
            raise RuntimeError("cut off")
        kept(*args, **kwargs)

    kept = store.keep
    monkeypatch.setattr(store, "keep", fails)
    with pytest.raises(RuntimeError, match="cut off"):
        find()
    assert len(api.pages("clusters")) == 2
    monkeypatch.setattr(store, "keep", kept)
    assert find() == 4
    assert len(api.pages("clusters")) == 4
