"""POST /users/{id}/link: one person has several accounts. Undoing a link loses nothing."""

from collections.abc import Callable

import pytest

from app.schemas.wire import wire_time
from graph.acts import journeys, tenants
from graph.database import Database
from tests.api.test_merge import snapshot
from tests.faults.test_races import at_once, statuses
from tests.world import Answer, Api, Clock, Done, Graph


def link(api: Api, user_id: str, to: str, *, expect: int = 200, **sent: str) -> Answer:
    return api.change("users", user_id, "link", expect=expect, to=to, **sent)


def unlink(api: Api, user_id: str, to: str, *, expect: int = 204, **asked: str) -> Answer:
    return api.remove("users", user_id, "link", to, expect=expect, **asked)


def identity(api: Api, user_id: str) -> str:
    return str(api.get("users", user_id)["identityId"])


@pytest.fixture
def visits(api: Api, clock: Clock) -> dict[str, Answer]:
    """Anna's laptop, her account for work on another one, and Ben's phone, one after the other."""
    found: dict[str, Answer] = {}
    for user_id in ("anna", "anna@work", "ben"):
        found[user_id] = api.init(f"of {user_id}")
        api.track(found[user_id], f"look of {user_id}")
        api.identify(found[user_id], user_id)
        clock.forward(minutes=1)
    return found


def test_both_have_the_identity_of_the_older_in_every_answer(api: Api, visits: dict[str, Answer]) -> None:
    anna = identity(api, "anna")
    linked = link(api, "anna@work", "anna", reason="she told us")

    assert linked.json == {
        "userId": "anna@work",
        "to": "anna",
        "identityId": anna,
        "userIds": ["anna", "anna@work"],
        "changed": True,
        "duplicate": False,
    }
    work = visits["anna@work"]
    for user_id, other in (("anna", "anna@work"), ("anna@work", "anna")):
        found = api.get("users", user_id)
        assert (found["identityId"], found["linkedUserIds"]) == (anna, [other])
    session, visitor = api.get("sessions", work["sessionId"]), api.get("visitors", work["visitorId"])
    assert (session["identityId"], session["userId"]) == (anna, "anna@work")
    assert (visitor["identityId"], visitor["userId"]) == (anna, "anna@work")
    assert api.track(work)["identityId"] == anna
    assert api.identify(work, "anna@work")["identityId"] == anna
    again = api.init("of anna@work", secret=True)
    assert (again["identityId"], again["userId"]) == (anna, "anna@work")


def test_the_identity_its_journey_and_its_graph_have_what_is_either_ones(api: Api, visits: dict[str, Answer]) -> None:
    link(api, "anna", "anna@work")
    one, other = visits["anna"], visits["anna@work"]
    for name in (identity(api, "anna"), one["identityId"], other["identityId"]):
        found = api.get("identities", name)
        assert found["identityId"] == identity(api, "anna")
        assert set(found["visitors"]) == {one["visitorId"], other["visitorId"]}
        assert (found["counts"]["tenures"], len(found["tenures"])) == (2, 2)
        assert found["lastSeen"] == api.get("identities", other["identityId"])["lastSeen"]
        assert set(api.journey("identities", name)) == {"look of anna", "look of anna@work", "identify"}
        graph = api.get("identities", name, "graph")
        nodes = {node["id"] for node in graph["nodes"]}
        assert {"user:anna", "user:anna@work", f"visitor:{one['visitorId']}", f"visitor:{other['visitorId']}"} <= nodes
        [edge] = [edge for edge in graph["edges"] if edge["kind"] == "linked_to"]
        assert {edge["source"], edge["target"]} == {"user:anna", "user:anna@work"}
        assert "user:ben" not in nodes
    first = api.get("identities", one["identityId"], limit=1)
    rest = api.get("identities", one["identityId"], limit=1, cursor=first["nextCursor"])
    assert {*first["tenures"], *rest["tenures"]} == {visits[name]["identityId"] for name in ("anna", "anna@work")}


def test_a_users_own_journey_and_relationships_stay_the_users_own(api: Api, visits: dict[str, Answer]) -> None:
    before = [api.journey("users", name) for name in visits]
    lists = [api.pages("users", name, "visitors") for name in visits]
    link(api, "anna", "anna@work")
    assert [api.journey("users", name) for name in visits] == before
    assert [api.pages("users", name, "visitors") for name in visits] == lists


def test_what_is_probably_one_accounts_is_the_persons(api: Api, clock: Clock, visits: dict[str, Answer]) -> None:
    tablet = api.init("tablet", address="203.0.113.7")
    laptop = api.init("of anna@work", address="203.0.113.7")
    api.identify(laptop, "anna@work")
    assert api.get("sessions", tablet["sessionId"])["identityId"] == identity(api, "anna@work")

    link(api, "anna", "anna@work")
    found = api.get("sessions", tablet["sessionId"])
    assert (found["identityId"], found["confidence"]) == (identity(api, "anna"), 0.6)
    drawn = api.get("identities", identity(api, "anna"), "graph")
    assert f"visitor:{tablet['visitorId']}" in {node["id"] for node in drawn["nodes"]}


def test_links_join_by_way_of_others_and_part_where_the_last_way_ends(api: Api, visits: dict[str, Answer]) -> None:
    own = {name: identity(api, name) for name in visits}
    link(api, "ben", "anna@work")
    assert identity(api, "ben") == own["anna@work"]
    assert link(api, "anna@work", "anna")["userIds"] == ["anna", "anna@work", "ben"]
    assert {identity(api, name) for name in visits} == {own["anna"]}
    link(api, "anna", "ben")

    unlink(api, "anna@work", "ben")
    assert {identity(api, name) for name in visits} == {own["anna"]}, "the other way still joins them"
    unlink(api, "ben", "anna")
    assert {name: identity(api, name) for name in visits} == {**own, "anna@work": own["anna"]}
    unlink(api, "anna", "anna@work")
    assert {name: identity(api, name) for name in visits} == own


def test_undoing_a_link_leaves_the_graph_as_if_there_had_been_none(
    api: Api, graph: Graph, visits: dict[str, Answer]
) -> None:
    before = snapshot(graph)
    link(api, "anna", "anna@work")
    assert graph.edges("LINKED_TO") == {("anna", "anna@work")}
    unlink(api, "anna@work", "anna", reason="a mistake")
    assert graph.edges("LINKED_TO") == set()
    assert graph.edges("WAS_LINKED_TO") == {("anna", "anna@work")}
    assert {each for each in snapshot(graph) if "WAS_LINKED_TO" not in each} == before


def test_what_is_linked_already_is_not_linked_again(api: Api, graph: Graph, visits: dict[str, Answer]) -> None:
    link(api, "anna", "anna@work")
    before = snapshot(graph)
    for one, other in (("anna", "anna@work"), ("anna@work", "anna"), ("anna", "anna")):
        again = link(api, one, other)
        assert (again["changed"], again["userIds"]) == (False, ["anna", "anna@work"])
    assert snapshot(graph) == before


def test_bad_input_is_refused_and_writes_nothing(api: Api, graph: Graph, visits: dict[str, Answer]) -> None:
    before = snapshot(graph)
    assert link(api, "anna", "nobody", expect=404)["code"] == "user_not_found"
    assert link(api, "nobody", "anna", expect=404)["code"] == "user_not_found"
    assert "to" in api.change("users", "anna", "link", expect=422)["errors"]
    assert link(api, "anna", " ", expect=422)["code"] == "invalid_request"
    assert unlink(api, "anna", "anna@work", expect=404)["code"] == "link_not_found"
    assert unlink(api, "anna", "nobody", expect=404)["code"] == "link_not_found"
    assert snapshot(graph) == before


def test_no_more_users_are_linked_than_the_policy_allows(
    api: Api, database: Database, visits: dict[str, Answer]
) -> None:
    tenants.configure(database, "shop", {}, {"linked_users_max": 2})
    link(api, "anna", "anna@work")
    refused = link(api, "ben", "anna", expect=409)
    assert refused["code"] == "too_many_linked"
    assert "more than 2 users" in refused["detail"]
    assert ("too_many_linked", "ben") in {(each["code"], each["subject"]) for each in api.pages("warnings")}


def test_a_merge_takes_linked_users_for_one(api: Api, visits: dict[str, Answer]) -> None:
    one, other = visits["anna"]["visitorId"], visits["anna@work"]["visitorId"]
    assert api.change("visitors", one, "merge", expect=409, into=other)["code"] == "merge_refused"
    link(api, "anna", "anna@work")
    merged = api.change("visitors", one, "merge", into=other)
    assert (merged["changed"], merged["identityId"]) == (True, identity(api, "anna"))
    third = visits["ben"]["visitorId"]
    assert api.change("visitors", third, "merge", expect=409, into=other)["code"] == "merge_refused"


def test_a_link_is_explained_with_who_made_it_and_why_and_until_when(
    api: Api, clock: Clock, visits: dict[str, Answer]
) -> None:
    before = wire_time(clock())
    clock.forward(minutes=1)
    link(api, "anna@work", "ben", reason="they are one")
    link(api, "ben", "anna")
    clock.forward(minutes=1)
    found = api.get("explain", a=f"visitor:{visits['anna@work']['visitorId']}", b="user:anna")

    assert (found["same"], found["confidence"], found["identities"]) == (True, 1.0, [identity(api, "anna")] * 2)
    assert [step["kind"] for step in found["path"]] == ["uses", "claim", "linked", "linked"]
    step = found["path"][2]
    assert (step["source"], step["target"], step["change"]["reason"]) == ("user:anna@work", "user:ben", "they are one")
    assert "were linked at 2026-03-04 12:04 UTC: they are one person's accounts" in " ".join(found["text"])

    then = api.get("explain", a="user:anna@work", b="user:anna", at=before)
    assert (then["same"], then["against"][0]["kind"]) == (False, "different_users")
    assert "a link of these two users" in then["against"][0]["needed"]
    between = wire_time(clock())
    clock.forward(minutes=1)
    unlink(api, "ben", "anna")
    assert api.get("explain", a="user:ben", b="user:anna")["same"] is False
    past = api.get("explain", a="user:ben", b="user:anna", at=between)
    assert (past["same"], [step["kind"] for step in past["path"]]) == (True, ["linked"])
    drawn = api.get("identities", identity(api, "ben"), "graph", at=between)
    assert drawn["identityId"] == identity(api, "anna")
    assert {node["id"] for node in drawn["nodes"] if node["kind"] == "user"} == {
        "user:anna",
        "user:anna@work",
        "user:ben",
    }


def test_the_audit_trail_has_the_link_and_its_undoing_for_both(api: Api, visits: dict[str, Answer]) -> None:
    link(api, "anna", "anna@work", reason="she told us")
    unlink(api, "anna", "anna@work", reason="she did not")
    for user_id in ("anna", "anna@work"):
        entries = api.pages("audit", about=f"user:{user_id}")
        found = [(entry["act"], entry["reason"]) for entry in entries if "link" in entry["act"]]
        assert found == [("unlink", "she did not"), ("link", "she told us")]


def test_a_hidden_account_is_in_no_answer(api: Api, visits: dict[str, Answer]) -> None:
    own = {name: identity(api, name) for name in visits}
    link(api, "anna", "anna@work")
    link(api, "anna@work", "ben")
    api.put("users", "anna", "visibility", visible=False)

    assert identity(api, "ben") == own["anna@work"], "that of the oldest who is not hidden"
    found = api.get("identities", own["ben"])
    assert set(found["visitors"]) == {visits[name]["visitorId"] for name in ("anna@work", "ben")}
    assert "look of anna" not in api.journey("identities", own["ben"])
    drawn = api.get("identities", own["ben"], "graph", depth=3)
    assert "anna" not in {node["id"].partition(":")[2] for node in drawn["nodes"]}
    assert api.get("users", "anna@work")["linkedUserIds"] == ["ben"]
    assert api.get("identities", own["anna"], expect=404)["code"] == "identity_not_found"
    session = api.get("sessions", visits["anna"]["sessionId"])
    assert (session["userId"], session["identityId"]) == (None, session["tenureId"])
    assert link(api, "anna", "ben", expect=404)["code"] == "user_not_found"

    api.put("users", "anna", "visibility", visible=True)
    assert {identity(api, name) for name in visits} == {own["anna"]}


def test_an_answer_leads_past_a_hidden_account_and_does_not_name_it(api: Api, visits: dict[str, Answer]) -> None:
    link(api, "anna", "anna@work", reason="a secret")
    link(api, "anna@work", "ben", reason="another secret")
    api.put("users", "anna@work", "visibility", visible=False)
    found = api.get("explain", a="user:ben", b="user:anna")

    assert [(step["source"], step["target"], step["change"]) for step in found["path"]] == [
        ("user:ben", "user:anna", None)
    ]
    assert "work" not in str(found.json)
    assert "secret" not in str(found.json)
    drawn = api.get("identities", identity(api, "ben"), "graph")
    assert {node["id"] for node in drawn["nodes"] if node["kind"] == "user"} == {"user:anna", "user:ben"}


def test_a_journey_of_linked_users_is_read_whole_however_few_tenures_a_page_has(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two accounts on one laptop: a newcomer without cookies is probably either's."""
    laptop = api.init("laptop")
    api.identify(laptop, "anna")
    clock.forward(minutes=1)
    api.identify(laptop, "anna@work")
    for number in range(6):
        clock.forward(minutes=1)
        api.track(api.init("laptop"), f"look {number}")
    link(api, "anna", "anna@work")
    whole = api.journey("identities", identity(api, "anna"), minConfidence=0)
    assert {f"look {number}" for number in range(6)} <= set(whole)
    monkeypatch.setattr(journeys, "FIRST_STREAMS", 1)
    assert api.journey("identities", identity(api, "anna"), minConfidence=0) == whole


@pytest.mark.parametrize(("user_id", "to"), [("anna", "ben"), ("ben", "anna"), ("ben", "anna@work")])
def test_an_erasure_takes_kept_answers_that_name_the_account(
    api: Api, graph: Graph, visits: dict[str, Answer], user_id: str, to: str
) -> None:
    link(api, "anna", "anna@work")
    api.change("users", user_id, "link", to=to, key="k-1")
    api.remove("users", user_id, "link", to, key="k-2")
    api.remove("users", "anna", expect=200)
    assert [row for row in graph.rows("MATCH (n) WHERE n.answer CONTAINS '\"anna\"' RETURN n") if row] == []


def test_an_erased_account_leaves_the_others(api: Api, graph: Graph, visits: dict[str, Answer]) -> None:
    own = {name: identity(api, name) for name in visits}
    link(api, "anna", "anna@work", reason="she told us")
    link(api, "anna", "ben")
    api.track(visits["ben"], "look again")
    api.remove("users", "anna", expect=200)

    assert {name: identity(api, name) for name in ("anna@work", "ben")} == {
        name: own[name] for name in ("anna@work", "ben")
    }
    assert graph.edges("LINKED_TO") == set()
    assert "look again" in api.journey("users", "ben")
    assert graph.rows("MATCH (n) WHERE any(k IN keys(n) WHERE n[k] = 'anna') RETURN n") == []
    entries = api.pages("audit", about="user:ben")
    assert "she told us" not in str(entries)
    assert "'anna'" not in str(entries)


def test_an_export_has_the_links(api: Api, visits: dict[str, Answer]) -> None:
    link(api, "anna", "anna@work", reason="she told us")
    exported = api.app.test_client().get(
        "/api/v1/users/anna/export", headers={"Authorization": f"Bearer {api.keys.secret_key}"}
    )
    assert '"type":"LINKED_TO"' in exported.get_data(as_text=True)


def test_a_link_is_made_once_for_each_key(api: Api, visits: dict[str, Answer]) -> None:
    first = api.change("users", "anna", "link", to="anna@work", key="k-1")
    unlink(api, "anna", "anna@work")
    again = api.change("users", "anna", "link", to="anna@work", key="k-1")
    assert again.json == {**first.json, "duplicate": True}
    assert api.get("users", "anna")["linkedUserIds"] == []


def test_a_batch_links_and_undoes_in_order(api: Api, graph: Graph, visits: dict[str, Answer]) -> None:
    to = {"userId": "anna", "to": "anna@work"}
    results = api.change(
        "relationships",
        "batch",
        relationships=[
            {"do": "link", **to, "idempotencyKey": "k-1"},
            {"do": "link", **to},
            {"do": "link", "userId": "anna", "to": "nobody"},
            {"do": "link", "userId": "ben"},
            {"do": "unlink", "userId": "anna@work", "to": "anna", "reason": "a mistake", "idempotencyKey": "k-2"},
            {"do": "unlink", **to},
            {"do": "link", "userId": "anna", "to": "ben"},
        ],
    )["results"]
    assert [result.get("changed", result.get("code", result.get("deleted"))) for result in results] == [
        True,
        False,
        "user_not_found",
        "invalid_request",
        True,
        "link_not_found",
        True,
    ]
    assert graph.edges("LINKED_TO") == {("anna", "ben")}
    assert link(api, "anna", "anna@work", key="k-1").json == {**results[0], "duplicate": True}
    unlink(api, "anna@work", "anna", reason="a mistake", key="k-2")
    assert graph.edges("LINKED_TO") == {("anna", "ben")}
    said = [(entry["act"], entry["reason"]) for entry in api.pages("audit", about="user:anna@work")]
    assert said[:2] == [("unlink", "a mistake"), ("link", None)]


def test_links_that_meet_leave_one_identity(api: Api, graph: Graph, clock: Clock) -> None:
    names = [f"u{number}" for number in range(6)]
    for name in names:
        api.identify(api.init(f"of {name}"), name)
        clock.forward(minutes=1)
    ring = list(zip(names, [*names[1:], names[0]], strict=True))
    answers = at_once(len(ring), lambda number: link(api, *ring[number]))
    assert statuses(answers) == {200: len(ring)}
    assert {identity(api, name) for name in names} == {identity(api, "u0")}
    assert len(graph.edges("LINKED_TO")) == len(ring)


def test_the_command_links_and_undoes(api: Api, command: Callable[..., Done], visits: dict[str, Answer]) -> None:
    tenant = api.keys.tenant_id
    done = command("link", tenant, "anna", "anna@work", "--reason", "she told us", "--json")
    assert done.code == 0, done.err
    assert done.json["userIds"] == ["anna", "anna@work"]
    undone = command("link", tenant, "anna", "anna@work", "--undo")
    assert (undone.code, undone.out) == (0, "anna and anna@work are not linked any more\n")
    assert command("link", tenant, "anna", "anna@work", "--undo").code == 1


def test_user_ids_are_folded_where_the_tenant_folds_them(api: Api, database: Database) -> None:
    tenants.configure(database, "shop", {}, {"user_id_case": "folded"})
    for name in ("Anna", "Ben"):
        api.identify(api.init(f"of {name}"), name)
    assert link(api, "ANNA", "BEN")["userIds"] == ["anna", "ben"]
    unlink(api, "Anna", "Ben")
    assert api.get("users", "anna")["linkedUserIds"] == []
