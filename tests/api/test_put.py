"""A statement about a user and a visitor holds, counts once however often it is sent, and can be read afterwards."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from app.errors import STATUS
from graph.acts import put, relationships
from graph.database import Database
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError
from tests import given
from tests.api.test_consistency import check
from tests.faults.test_races import at_once, statuses
from tests.world import Answer, Api, Clock, Graph


def stated(api: Api, visit: Answer, confidence: float = 95, **more: Any) -> Answer:
    return api.put("users", "anna", "visitors", visit["visitorId"], confidence=confidence, **more)


def batch(api: Api, *items: dict[str, Any], expect: int = 200) -> Any:
    answer = api.post("/api/v1/relationships/batch", {"relationships": list(items)}, secret=True)
    assert answer.status == expect, answer.json
    return answer.json["results"] if expect == 200 else answer.json


def test_a_statement_makes_a_relationship_and_claims_nothing(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    api.track(visit)
    answer = stated(api, visit)

    assert (answer["userId"], answer["confidence"], answer["count"]) == ("anna", 95, 1)
    assert (answer["source"], answer["duplicate"]) == ("stated", False)
    assert api.get("users", "anna", "visitors")["items"][0]["visitorId"] == visit["visitorId"]
    assert api.get("visitors", visit["visitorId"], "users")["items"][0]["userId"] == "anna"
    assert api.get("sessions", visit["sessionId"])["userId"] is None
    assert api.journey("users", "anna") == []
    assert not graph.edges("RESOLVES_TO")


def test_the_latest_statement_holds_lower_ones_too_and_over_what_was_claimed(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    claimed = api.get("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    assert stated(api, visit, 100)["confidence"] == 100
    clock.forward(minutes=1)
    lower = stated(api, visit, 40)

    assert (lower["confidence"], lower["count"], lower["source"]) == (40, 3, "stated")
    assert lower["firstSeen"] == claimed["firstSeen"]
    api.identify(visit, "anna")
    assert api.get("users", "anna", "visitors", visit["visitorId"])["confidence"] == 40


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_what_is_known_does_not_depend_on_the_order_it_was_told_in(
    api: Api, clock: Clock, order: tuple[int, ...]
) -> None:
    visit = api.init("f-1")
    tell = (
        lambda: stated(api, visit, 70),
        lambda: api.identify(visit, "anna"),
        lambda: api.init("f-1", userId="anna", visitorToken=visit["visitorToken"]),
    )
    for number in order:
        tell[number]()
    found = api.get("users", "anna", "visitors", visit["visitorId"])
    assert (found["confidence"], found["count"], found["source"]) == (70, 3, "stated")
    assert clock() is not None


def test_a_statement_with_a_key_is_one_statement(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    first = stated(api, visit, 95, key="crm-1")
    again = stated(api, visit, 95, key="crm-1")
    assert (again["duplicate"], again["count"]) == (True, 1)
    assert {**again.json, "duplicate": False} == first.json
    conflict = stated(api, visit, 90, key="crm-1", expect=409)
    assert conflict["code"] == "message_id_conflict"
    assert graph.count("AuditEntry") == 2

    answers = at_once(8, lambda _: stated(api, visit, 80, key="crm-2"))
    assert statuses(answers) == {200: 8}
    assert [answer["duplicate"] for answer in answers].count(False) == 1


def test_simultaneous_statements_are_all_counted(api: Api) -> None:
    visits = [api.init(f"f-{number}") for number in range(4)]
    answers = at_once(
        16,
        lambda number: api.put("users", f"u-{number % 2}", "visitors", visits[number % 4]["visitorId"], confidence=50),
    )
    assert statuses(answers) == {200: 16}
    counts = [
        relationship["count"]
        for number in range(2)
        for relationship in api.get("users", f"u-{number}", "visitors")["items"]
    ]
    assert counts == [4] * 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "confidence"),
        ({"confidence": 0}, "confidence"),
        ({"confidence": 101}, "confidence"),
        ({"confidence": "sure"}, "confidence"),
        ({"confidence": None}, "confidence"),
        ({"confidence": 50, "reason": 7}, "reason"),
    ],
)
def test_what_is_no_statement_is_422_and_changes_nothing(api: Api, graph: Graph, body: Any, field: str) -> None:
    visit = api.init("f-1")
    answer = api.put("users", "anna", "visitors", visit["visitorId"], expect=422, **body)
    assert field in answer["errors"]["json"] if "json" in answer["errors"] else field in answer["errors"]
    assert graph.count("User") == 0


def test_nobody_in_particular_and_unknown_visitors_are_refused(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    assert "userId" in api.put("users", "null", "visitors", visit["visitorId"], confidence=50, expect=422)["errors"]
    assert api.put("users", "anna", "visitors", "vis_none", confidence=50, expect=404)["code"] == "visitor_not_found"
    assert graph.count("User") == graph.count("AuditEntry") == 0


def test_a_batch_has_a_result_for_each_and_one_that_fails_stops_no_other(api: Api) -> None:
    one, two = api.init("f-1")["visitorId"], api.init("f-2")["visitorId"]
    results = batch(
        api,
        {"userId": "anna", "visitorId": one, "confidence": 90, "idempotencyKey": "k-1"},
        {"userId": "anna", "visitorId": "vis_none", "confidence": 90},
        {"userId": "anna", "visitorId": two, "confidence": 0},
        {"userId": "ben", "visitorId": two, "confidence": 80},
        {"userId": "anna", "visitorId": one, "confidence": 90, "idempotencyKey": "k-1"},
        {"userId": "anna", "visitorId": one, "confidence": 60},
        {"userId": "anna", "visitorId": one, "confidence": 61, "idempotencyKey": "k-1"},
    )
    assert [result.get("code", result.get("count")) for result in results] == [
        1,
        "visitor_not_found",
        "invalid_request",
        1,
        1,
        2,
        "message_id_conflict",
    ]
    assert (results[4]["duplicate"], results[5]["confidence"]) == (True, 60)
    assert api.get("users", "anna", "visitors", one)["confidence"] == 60
    assert batch(api) == []
    assert batch(api, *[{}] * 1001, expect=422)["code"]


def test_who_stated_what_and_why_is_in_the_audit_trail_of_both(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    stated(api, visit, 95, reason="seen in the shop")
    clock.forward(minutes=1)
    stated(api, visit, 80)

    entries = api.pages("audit", about="user:anna", limit=1)
    assert [(entry["before"] or {}).get("confidence") for entry in entries] == [95, None]
    assert [entry["after"]["confidence"] for entry in entries] == [80, 95]
    assert [entry["reason"] for entry in entries] == [None, "seen in the shop"]
    assert {entry["act"] for entry in entries} == {"put_relationship"}
    assert all(entry["actor"].startswith("key:") for entry in entries)
    theirs = api.pages("audit", about=f"visitor:{visit['visitorId']}")
    assert [entry["changeId"] for entry in theirs] == [entry["changeId"] for entry in entries]
    assert api.get("audit", about="user:anna", **{"from": entries[0]["at"]})["items"] == entries[:1]
    assert api.get("audit", about="anna", expect=400)["code"] == "malformed_query"


def test_a_statement_that_claims_makes_the_visitors_browsing_the_users(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    api.track(visit, "look")
    clock.forward(minutes=1)
    answer = stated(api, visit, 95, claim=True, key="k-1")
    assert (answer["count"], answer["source"]) == (1, "stated")
    assert api.journey("users", "anna") == ["look"]
    assert api.get("visitors", visit["visitorId"])["userId"] == "anna"
    assert stated(api, visit, 95, claim=True, key="k-1")["duplicate"] is True
    clock.forward(minutes=1)
    api.put("users", "ben", "visitors", visit["visitorId"], confidence=80, claim=True)
    api.track(visit, "his")
    assert api.journey("users", "anna") == ["look"]
    assert api.journey("users", "ben") == ["his"]
    assert len(graph.edges("RESOLVES_TO")) == 2


def test_statements_that_claim_race_with_logins_and_each_other(api: Api, graph: Graph) -> None:
    visits = [api.init(f"f-{number}") for number in range(3)]

    def act(number: int) -> Answer:
        visit = visits[number % 3]
        if number % 2:
            return api.identify(visit, "anna")
        return stated(api, visit, 90, claim=True)

    assert statuses(at_once(12, act)) == {200: 12}
    assert [relationship["count"] for relationship in api.get("users", "anna", "visitors")["items"]] == [4] * 3
    assert len(graph.edges("RESOLVES_TO")) == 3


def test_what_a_statement_contradicts_is_closed_by_that_very_one(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    known = {"userId": "ben", "visitorId": visit["visitorId"], "confidence": 80, "idempotencyKey": "k-1"}
    batch(api, known)
    stated(api, visit)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    batch(
        api,
        {**known, "visitorId": "vis_none", "idempotencyKey": "k-2"},
        known,
        {**known, "userId": "anna", "idempotencyKey": "k-3"},
    )
    [closed] = graph.rows("MATCH ()-[r:COULD_NOT_LINK]->() RETURN r.closed_by AS change_id, r.until AS at")
    entries = graph.rows(
        "MATCH (e:AuditEntry {subject: 'user:anna', act: 'put_relationship'}) RETURN e.change_id AS change_id, e.at AS at ORDER BY at"
    )
    assert entries[-1] == closed


def test_a_batch_removes_and_looks_up_in_order(api: Api) -> None:
    one, two = api.init("f-1")["visitorId"], api.init("f-2")["visitorId"]
    results = batch(
        api,
        {"userId": "anna", "visitorId": one, "confidence": 90},
        {"userId": "anna", "visitorId": two, "confidence": 80},
        {"do": "visitors", "userId": "anna", "minConfidence": 85},
        {"do": "users", "visitorId": two},
        {"do": "get", "userId": "anna", "visitorId": one},
        {"do": "delete", "userId": "anna", "visitorId": one, "reason": "not hers"},
        {"do": "get", "userId": "anna", "visitorId": one},
        {"do": "put", "userId": "anna", "visitorId": one, "confidence": 70},
        {"do": "visitors", "userId": "nobody"},
        {"do": "dance"},
        {"do": "get", "userId": "anna"},
    )
    assert [item["visitorId"] for item in results[2]["items"]] == [one]
    assert [item["userId"] for item in results[3]["items"]] == ["anna"]
    assert (results[4]["confidence"], results[4]["count"]) == (90, 1)
    assert results[5] == {"userId": "anna", "visitorId": one, "deleted": True, "duplicate": False}
    assert [results[number].get("code") for number in (6, 8, 9, 10)] == [
        "relationship_not_found",
        "user_not_found",
        "invalid_request",
        "invalid_request",
    ]
    assert (results[7]["confidence"], results[7]["count"]) == (70, 1)
    assert "not hers" in [entry["reason"] for entry in api.pages("audit", about="user:anna")]


@pytest.mark.parametrize("bad", [None, 7, "put", [], [{"do": "put"}]])
def test_an_item_that_is_no_object_fails_alone(api: Api, bad: Any) -> None:
    states = {"userId": "anna", "visitorId": api.init("f-1")["visitorId"], "confidence": 90}
    first, problem, last = batch(api, states, bad, states)
    assert (problem["status"], problem["code"], first["count"], last["count"]) == (422, "invalid_request", 1, 2)
    assert problem["errors"] == {"_schema": ['Each item is an object, such as {"do": "get", …}.']}


@pytest.mark.parametrize("failure", [GraphUnavailable, GraphTimeout])
def test_once_the_database_fails_the_rest_of_a_batch_is_not_tried(
    api: Api, monkeypatch: pytest.MonkeyPatch, failure: type[IdentityGraphError]
) -> None:
    """Each further item would wait for the database again, and the batch would hold a thread for hours."""
    states = {"userId": "anna", "visitorId": api.init("f-1")["visitorId"], "confidence": 90}
    asks = {"do": "get", "userId": "anna", "visitorId": states["visitorId"]}
    tried: list[int] = []

    def fails(*_: Any) -> None:
        tried.append(1)
        raise failure("the database is away")

    monkeypatch.setattr(relationships, "get", fails)
    done, *rest = batch(api, states, *[asks] * 400, *[states, asks] * 200)
    assert done["count"] == 1
    assert {(result["status"], result["detail"]) for result in rest} == {(STATUS[failure], "the database is away")}
    assert len(rest) == 800
    assert len(tried) == 1
    assert api.pages("users", "anna", "visitors")[0]["count"] == 1

    monkeypatch.setattr(put, "act", fails)
    assert {result["status"] for result in batch(api, *[states, asks] * 10)} == {STATUS[failure]}
    assert len(tried) == 2


def test_a_batch_merges_splits_and_hides_in_order(api: Api) -> None:
    first, second = (api.init(f"f-{number}")["visitorId"] for number in range(2))
    merges = {"do": "merge", "visitorId": first, "into": second}
    results = batch(
        api,
        {"userId": "anna", "visitorId": first, "confidence": 90},
        merges,
        {"do": "users", "visitorId": second},
        merges,
        {"do": "visibility", "userId": "anna", "visitorId": second, "visible": False},
        {"do": "users", "visitorId": second},
        {"do": "visibility", "userId": "anna", "visitorId": second, "visible": True},
        {"do": "split", "visitorId": first, "reason": "two after all"},
        {"do": "users", "visitorId": second},
        {"do": "users", "visitorId": first},
        {"do": "split", "visitorId": first},
        {"do": "split", "visitorId": first, "jar": "none"},
        {"do": "merge", "visitorId": first, "into": "vis_none"},
        {"do": "visibility", "userId": "ben", "visitorId": None, "visible": False},
        {"do": "merge", "visitorId": first, "into": second, "force": True},
        {"do": "split", "visitorId": first, "jar": "a", "tenure": "b"},
        {"do": "visibility", "userId": "anna", "visitorId": second, "visible": "no"},
        {"do": "visibility", "userId": "anna", "visitorID": second, "visible": False},
    )
    assert (results[1]["visitorId"], results[1]["mergedId"], results[1]["changed"]) == (second, first, True)
    assert results[3]["changed"] is False
    assert results[4] == {"userId": "anna", "visitorId": second, "visible": False, "changed": True, "duplicate": False}
    assert results[7] == {"visitorId": second, "splitOffId": first, "duplicate": False}
    assert [[item["userId"] for item in results[number]["items"]] for number in (2, 5, 8, 9)] == [
        ["anna"],
        [],
        [],
        ["anna"],
    ]
    assert [result["code"] for result in results[10:14]] == [
        "nothing_to_split",
        "part_not_found",
        "visitor_not_found",
        "user_not_found",
    ]
    fields = ("reason", "tenure", "visible", "visitorId")
    for result, field in zip(results[14:], fields, strict=True):
        assert (result["code"], list(result["errors"])) == ("invalid_request", [field])
    assert results[-1]["errors"] == {"visitorId": ["Name the visitor, or send null to hide or show all of the user."]}
    [hidden] = batch(api, {"do": "visibility", "userId": "anna", "visitorId": None, "visible": False})
    assert hidden == {"userId": "anna", "visitorId": None, "visible": False, "changed": True, "duplicate": False}
    assert "two after all" in [entry["reason"] for entry in api.pages("audit", about=f"visitor:{first}")]


def test_an_item_that_removes_with_a_key_removes_once(api: Api) -> None:
    visitor = api.init("f-1")["visitorId"]
    removes = {"do": "delete", "userId": "anna", "visitorId": visitor, "idempotencyKey": "k-1"}
    states = {"userId": "anna", "visitorId": visitor, "confidence": 90}
    results = batch(
        api,
        states,
        removes,
        removes,
        states,
        removes,
        {**removes, "reason": "other"},
        {**states, "idempotencyKey": "k-1"},
    )
    assert [result.get("deleted", result.get("code", result.get("count"))) for result in results] == [
        *(1, True, True, 1, True),
        *("message_id_conflict", "message_id_conflict"),
    ]
    assert [results[number]["duplicate"] for number in (1, 2, 4)] == [False, True, True]
    assert api.get("users", "anna", "visitors", visitor)["count"] == 1
    api.remove("users", "anna", "visitors", visitor, key="k-1")
    assert api.get("users", "anna", "visitors", visitor)["count"] == 1


def test_a_server_claims_for_a_user_whatever_pages_have_claimed(api: Api, database: Database) -> None:
    visitor = api.init("f-1")["visitorId"]
    strict = replace(given.POLICY, claims_max=0, user_claims_per_hour=0)
    [claimed] = database.write(put.act, [replace(given.put("anna", visitor), claims=True, policy=strict)])
    assert isinstance(claimed, put.Stated)
    assert api.get("visitors", visitor)["userId"] == "anna"


def test_a_batch_takes_each_cursor_for_its_own_list_only(api: Api) -> None:
    first, second = (api.init(f"f-{number}")["visitorId"] for number in range(2))
    for user in ("anna", "ben"):
        for visitor in (first, second):
            api.put("users", user, "visitors", visitor, confidence=50)
    [page] = batch(api, {"do": "visitors", "userId": "anna", "limit": 1})
    rest, mixed_up, turned, broken = batch(
        api,
        {"do": "visitors", "userId": "anna", "cursor": page["nextCursor"]},
        {"do": "visitors", "userId": "ben", "cursor": page["nextCursor"]},
        {"do": "users", "visitorId": first, "cursor": page["nextCursor"]},
        {"do": "users", "visitorId": first, "cursor": "none"},
    )
    assert len(rest["items"]) == 1
    for failed in (mixed_up, turned, broken):
        assert (failed["status"], failed["code"], set(failed["errors"])) == (422, "invalid_request", {"cursor"})
        assert "take nextCursor as" in failed["errors"]["cursor"][0]


@pytest.mark.parametrize("sent", ["95", "nan", True, None, [95], {}])
def test_what_only_reads_like_a_number_is_none_in_json(api: Api, sent: Any) -> None:
    visit = api.init("f-1")
    pair = {"userId": "anna", "visitorId": visit["visitorId"]}
    refused = [
        stated(api, visit, sent, expect=422).json,
        *batch(
            api,
            {**pair, "confidence": sent},
            # What is optional and null is absent.
            *(
                {"do": "visitors", "userId": "anna", name: sent}
                for name in ("minConfidence", "maxConfidence", "limit")
                if sent is not None
            ),
        ),
    ]
    optional = [{"minConfidence"}, {"maxConfidence"}, {"limit"}] if sent is not None else []
    assert [set(result["errors"]) for result in refused] == [{"confidence"}, {"confidence"}, *optional]
    if sent is not None:
        assert all("send one" in str(result["errors"]) for result in refused)
    assert api.get("users", "anna", expect=404)
    stated(api, visit, 95)
    assert api.get("users", "anna", "visitors", minConfidence="95", limit="1")["items"]


def test_what_comes_in_late_does_not_take_a_visitor_back_from_whom_a_statement_claimed_it_for(
    api: Api, clock: Clock
) -> None:
    visit, other = api.init("f-1"), api.init("f-1")
    assert other["visitorId"] == visit["visitorId"]
    clock.forward(minutes=1)
    api.identify(other, "bob")
    late = clock.forward(minutes=1)
    clock.forward(minutes=1)
    api.put("users", "carol", "visitors", visit["visitorId"], confidence=95, claim=True)
    api.track(visit, "late", timestamp=late.isoformat())
    visitor = api.get("visitors", visit["visitorId"])
    assert (visitor["userId"], visitor["lastSeen"]) == ("carol", "2026-03-04T12:03:00.000Z")
    assert check(api) == []
