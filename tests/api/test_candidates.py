"""GET /candidates offers visitors that were at the same addresses on the same days. Somebody accepts or refuses each."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import jobs
from graph.acts import candidates, retain
from graph.database import Database
from graph.rules.policy import Policy
from tests.api.test_visibility import hide
from tests.faults.test_races import at_once, statuses
from tests.world import CHROME, IPHONE, Answer, Api, Clock, Done, Graph

HOME = "203.0.113.20"
_numbers = itertools.count()


@pytest.fixture
def find(database: Database, api: Api, clock: Clock) -> Callable[[], int | None]:
    def run() -> int | None:
        return jobs.run(database, api.keys.tenant_id, "candidates", clock=clock, new_id=lambda: f"{next(_numbers):06d}")

    return run


def days_at_home(api: Api, clock: Clock, *, days: int = 3, address: str = HOME) -> tuple[Answer, Answer]:
    """A laptop and a phone at one address on some days, within the hour; the answers to their last visits."""
    for day in range(days):
        clock.forward(days=1 if day else 0)
        laptop, phone = (
            api.init(name, address=address, agent=agent, anonymousId=name)
            for name, agent in ((f"laptop at {address}", CHROME), (f"phone at {address}", IPHONE))
        )
    return laptop, phone


def test_two_devices_at_one_address_on_the_same_days_are_offered(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph
) -> None:
    laptop, phone = days_at_home(api, clock)
    assert find() == 1
    [offered] = api.pages("candidates")
    ids = sorted([laptop["visitorId"], phone["visitorId"]])
    assert offered["subjects"] == [f"visitor:{visitor_id}" for visitor_id in ids]
    assert (offered["visitorIds"], offered["state"], offered["decidedAt"]) == (ids, "open", None)
    assert offered["evidence"] == [
        {"address": HOME, "days": ["2026-03-04", "2026-03-05", "2026-03-06"], "hours": 3, "sharedBy": 1, "weight": 6.0}
    ]
    assert offered["arithmetic"] == {"prior": -2.7, "same_days": 5.0532, "same_class": 0.0, "rivals": 0.0}
    assert offered["confidence"] == 0.9132
    assert api.get("visitors", laptop["visitorId"])["mergedIds"] == []
    assert graph.edges("MERGED_INTO") == set()


def late(clock: Clock, **ago: float) -> dict[str, Any]:
    """The times of a visit of some time ago that is sent now."""
    return {"timestamp": (clock() - timedelta(**ago)).isoformat(), "sentAt": clock().isoformat()}


def test_days_before_this_monday_count_for_visits_that_arrive_late(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    """Sent on a Wednesday: of Sunday, Monday and Tuesday."""
    for days in (3, 2, 1):
        for name, agent in (("laptop", CHROME), ("phone", IPHONE)):
            api.init(name, address=HOME, agent=agent, anonymousId=name, **late(clock, days=days))
    assert find() == 1
    [offered] = api.pages("candidates")
    assert offered["evidence"] == [
        {"address": HOME, "days": ["2026-03-01", "2026-03-02", "2026-03-03"], "hours": 3, "sharedBy": 1, "weight": 6.0}
    ]
    assert offered["confidence"] == 0.9132


def test_a_visit_that_arrives_late_meets_one_that_was_on_time(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    """The calls of the laptop and those of the phone came in different weeks."""
    for day in range(3):
        clock.forward(days=1 if day else 0)
        api.init("laptop", address=HOME, agent=CHROME, anonymousId="laptop")
    clock.forward(weeks=1)
    for day in range(3):
        api.init("phone", address=HOME, agent=IPHONE, anonymousId="phone", **late(clock, days=7 + day))
    assert find() == 1
    [offered] = api.pages("candidates")
    assert offered["evidence"][0]["days"] == ["2026-03-04", "2026-03-05", "2026-03-06"]
    assert offered["confidence"] == 0.9132


def test_late_visits_to_what_was_a_crowds_address_say_nothing(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    """An office of 40, and a laptop and a phone among them whose calls came a week later."""
    for number in range(40):
        api.init(f"colleague {number}", address=HOME)
    clock.forward(weeks=1)
    for days in (9, 8, 7):
        for name, agent in (("laptop", CHROME), ("phone", IPHONE)):
            api.init(name, address=HOME, agent=agent, anonymousId=name, **late(clock, days=days))
    assert find() == 0


def test_accepting_merges_the_two_once(api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph) -> None:
    laptop, phone = days_at_home(api, clock)
    api.identify(phone, "anna")
    find()
    [offered] = api.pages("candidates")
    accepted = api.change("candidates", offered["candidateId"], "accept", reason="she told us")
    assert accepted.json == {
        "candidateId": offered["candidateId"],
        "state": "accepted",
        "subjects": offered["subjects"],
        "visitorId": phone["visitorId"],
        "mergedId": laptop["visitorId"],
        "changed": True,
        "duplicate": False,
    }
    again = api.change("candidates", offered["candidateId"], "accept")
    assert (again["changed"], again["visitorId"], again["mergedId"]) == (False, phone["visitorId"], None)
    assert graph.edges("MERGED_INTO") == {(laptop["visitorId"], phone["visitorId"])}
    assert api.get("visitors", laptop["visitorId"])["userId"] == "anna"
    [entry] = [each for each in api.pages("audit", about="user:anna") if each["act"] == "merge"]
    assert entry["reason"] == "she told us"
    assert api.pages("candidates") == []
    assert [each["candidateId"] for each in api.pages("candidates", state="accepted")] == [offered["candidateId"]]
    refused = api.change("candidates", offered["candidateId"], "refuse", expect=409)
    assert refused["code"] == "candidate_decided"
    assert find() == 0


def test_refusing_keeps_the_two_apart_for_good(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph
) -> None:
    laptop, _ = days_at_home(api, clock)
    find()
    [offered] = api.pages("candidates")
    refused = api.change("candidates", offered["candidateId"], "refuse", reason="her brother's")
    assert (refused["state"], refused["visitorId"], refused["changed"]) == ("refused", None, True)
    assert api.change("candidates", offered["candidateId"], "refuse")["changed"] is False
    assert {frozenset(edge) for edge in graph.edges("CANNOT_LINK")} == {frozenset(offered["visitorIds"])}
    [entry] = api.pages("audit", about=f"visitor:{laptop['visitorId']}")
    assert (entry["act"], entry["reason"]) == ("refuse", "her brother's")
    days_at_home(api, clock)
    assert find() == 0
    assert api.pages("candidates") == []
    assert api.change("candidates", offered["candidateId"], "accept", expect=409)["code"] == "candidate_decided"


def test_those_about_a_visitor_are_listed(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    laptop, phone = days_at_home(api, clock)
    days_at_home(api, clock, address="203.0.113.99")
    find()
    assert len(api.pages("candidates")) == 2
    about = [f"visitor:{visit['visitorId']}" for visit in (laptop, phone)]
    [offered] = api.pages("candidates", about=about[0])
    assert set(offered["subjects"]) == set(about)
    assert api.pages("candidates", about=about[1]) == [offered]
    assert api.pages("candidates", about=about[0], minConfidence=0.99) == []
    api.change("candidates", offered["candidateId"], "accept")
    for subject in about:
        assert api.pages("candidates", about=subject) == []
        [accepted] = api.pages("candidates", about=subject, state="accepted")
        assert accepted["candidateId"] == offered["candidateId"]
    api.get("candidates", about="visitor:vis_nobody", expect=404)
    api.get("candidates", about="user:anna", expect=400)


def test_those_about_a_visitor_come_by_the_page_and_without_who_is_hidden(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    for day in range(3):
        clock.forward(days=1 if day else 0)
        laptop, _, tablet = (
            api.init(name, address=HOME, agent=agent, anonymousId=name)
            for name, agent in (("laptop", CHROME), ("phone", IPHONE), ("tablet", IPHONE))
        )
    find()
    sent: dict[str, Any] = {"about": f"visitor:{laptop['visitorId']}", "minConfidence": 0}
    every = api.pages("candidates", **sent)
    assert len(every) == 2
    assert api.pages("candidates", limit=1, **sent) == every
    cursor = api.get("candidates", limit=1, **sent)["nextCursor"]
    assert api.get("candidates", cursor=cursor, expect=400)["code"] == "malformed_query"
    api.identify(tablet, "anna")
    hide(api, "anna")
    [left] = api.pages("candidates", **sent)
    assert tablet["visitorId"] not in left["visitorIds"]


def test_of_an_acceptance_and_a_refusal_at_once_one_holds(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph
) -> None:
    for number in range(4):
        days_at_home(api, clock, address=f"203.0.113.{number}")
    find()
    every = api.pages("candidates")
    paths = [f"/api/v1/candidates/{each['candidateId']}/{said}" for each in every for said in ("accept", "refuse")]
    answers = at_once(len(paths), lambda number: api.post(paths[number], {}, secret=True))

    assert statuses(answers) == {200: 4, 409: 4}
    accepted = [each["candidateId"] for each in api.pages("candidates", state="accepted")]
    refused = [each["candidateId"] for each in api.pages("candidates", state="refused")]
    assert sorted([*accepted, *refused]) == sorted(each["candidateId"] for each in every)
    assert len(graph.edges("MERGED_INTO")) == len(accepted)
    assert len(graph.edges("CANNOT_LINK")) == len(refused)


def test_a_decision_with_a_key_is_made_once(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    days_at_home(api, clock)
    find()
    [offered] = api.pages("candidates")
    first = api.change("candidates", offered["candidateId"], "accept", key="k-1")
    again = api.change("candidates", offered["candidateId"], "accept", key="k-1")
    assert again.json == {**first.json, "duplicate": True}
    taken = api.change("candidates", offered["candidateId"], "refuse", key="k-1", expect=409)
    assert taken["code"] == "message_id_conflict"


def test_two_users_are_offered_for_less_and_accepting_links_them(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph
) -> None:
    laptop, phone = days_at_home(api, clock)
    api.identify(laptop, "anna")
    find()
    [before] = api.pages("candidates")
    api.identify(phone, "anna@work")
    assert find() == 1
    assert api.pages("candidates") == []
    [offered] = api.pages("candidates", minConfidence=0.4)
    assert set(offered["subjects"]) == {"user:anna", "user:anna@work"}
    assert offered["candidateId"] == before["candidateId"]
    assert 0.45 < offered["confidence"] < 0.5 < before["confidence"]

    accepted = api.change("candidates", offered["candidateId"], "accept", reason="she told us")
    assert (accepted["state"], accepted["subjects"], accepted["visitorId"]) == ("accepted", offered["subjects"], None)
    assert graph.edges("MERGED_INTO") == set()
    assert {frozenset(edge) for edge in graph.edges("LINKED_TO")} == {frozenset({"anna", "anna@work"})}
    assert len({api.get("users", user_id)["identityId"] for user_id in ("anna", "anna@work")}) == 1
    assert api.change("candidates", offered["candidateId"], "accept")["changed"] is False
    [entry] = [each for each in api.pages("audit", about=f"visitor:{laptop['visitorId']}") if each["act"] == "accept"]
    assert entry["reason"] == "she told us"
    assert find() == 0


def test_accepting_two_that_were_linked_or_merged_since_changes_nothing(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    devices = days_at_home(api, clock)
    for device, user_id in zip(devices, ("anna", "anna@work"), strict=True):
        api.identify(device, user_id)
    others = days_at_home(api, clock, address="198.51.100.20")
    assert find() == 2
    of_users, of_visitors = sorted(api.pages("candidates", minConfidence=0.3), key=lambda each: each["confidence"])
    api.change("users", "anna", "link", to="anna@work")
    linked = api.change("candidates", of_users["candidateId"], "accept")
    assert (linked["changed"], linked["state"], linked["visitorId"]) == (False, "accepted", None)
    assert set(linked["subjects"]) == {"user:anna", "user:anna@work"}

    one, other = (each["visitorId"] for each in others)
    api.change("visitors", one, "merge", into=other)
    merged = api.change("candidates", of_visitors["candidateId"], "accept")
    assert (merged["changed"], merged["visitorId"], merged["mergedId"]) == (False, other, None)


def test_one_users_two_devices_are_no_candidate(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    for device in days_at_home(api, clock):
        api.identify(device, "anna")
    assert find() == 0


def test_a_split_after_the_merge_is_not_undone_by_the_job(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    days_at_home(api, clock)
    find()
    [offered] = api.pages("candidates")
    accepted = api.change("candidates", offered["candidateId"], "accept")
    [merged_id] = set(offered["visitorIds"]) - {accepted["visitorId"]}
    api.change("visitors", merged_id, "split")
    assert find() == 0
    assert api.pages("candidates") == []


def test_a_crowd_at_an_address_offers_nobody(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    """An office of 40 and a laptop and a phone among them."""
    for number in range(40):
        api.init(f"colleague {number}", address=HOME)
    days_at_home(api, clock)
    assert find() == 0


def test_devices_that_were_there_on_other_days_are_no_candidate(
    api: Api, clock: Clock, find: Callable[[], int | None]
) -> None:
    api.init("laptop", address=HOME)
    clock.forward(days=1)
    api.init("phone", address=HOME, agent=IPHONE)
    assert find() == 0


def test_a_candidate_goes_with_the_days_that_it_rests_on(
    api: Api, clock: Clock, find: Callable[[], int | None], database: Database, graph: Graph
) -> None:
    days_at_home(api, clock)
    assert find() == 1
    clock.forward(weeks=6)
    assert find() == 0
    assert graph.edges("MAY_BE") == set()


def test_retention_removes_candidates_with_the_addresses(
    api: Api, clock: Clock, find: Callable[[], int | None], database: Database, graph: Graph
) -> None:
    days_at_home(api, clock)
    find()
    kept = Policy(address_retention_days=30, session_retention_days=30, event_retention_days=30)
    retain.act(database, kept, clock())
    assert len(graph.edges("MAY_BE")) == 1
    retain.act(database, kept, clock.forward(days=40))
    assert graph.edges("MAY_BE") == set()


@pytest.mark.parametrize("who", ["user", "visitor"])
def test_the_erased_take_their_candidates_with_them(
    api: Api, clock: Clock, find: Callable[[], int | None], graph: Graph, who: str
) -> None:
    laptop, phone = days_at_home(api, clock)
    api.identify(phone, "anna")
    find()
    [offered] = api.pages("candidates")
    whose = ("users", "anna") if who == "user" else ("visitors", laptop["visitorId"])
    api.remove(*whose, expect=200)
    assert api.pages("candidates") == []
    assert api.change("candidates", offered["candidateId"], "accept", expect=404)["code"] == "candidate_not_found"
    assert graph.edges("MAY_BE") == set()


def test_a_hidden_user_is_in_no_candidate(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    _, phone = days_at_home(api, clock)
    api.identify(phone, "anna")
    find()
    [offered] = api.pages("candidates")
    for visit in (None, phone):
        hide(api, "anna", visit)
        assert api.pages("candidates") == []
        assert api.change("candidates", offered["candidateId"], "refuse", expect=404)["code"] == "candidate_not_found"
        hide(api, "anna", visit, visible=True)
    assert api.pages("candidates") == [offered]


def test_candidates_come_surest_first_and_page_by_page(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    for days in (2, 4, 3):
        days_at_home(api, clock, days=days, address=f"203.0.113.{days}")
    assert find() == 3
    every = api.pages("candidates", limit=1)
    assert [len(one["evidence"][0]["days"]) for one in every] == [4, 3, 2]
    assert api.pages("candidates") == every
    assert api.pages("candidates", minConfidence=every[1]["confidence"]) == every[:2]
    cursor = api.get("candidates", limit=1)["nextCursor"]
    assert api.get("candidates", state="refused", cursor=cursor, expect=400)["code"] == "malformed_query"


def test_a_run_that_was_cut_off_goes_on(api: Api, clock: Clock, database: Database, graph: Graph) -> None:
    """The place of a run is the last visitor that it looked at."""
    laptop, phone = days_at_home(api, clock)
    last = max(laptop["visitorId"], phone["visitorId"])
    assert candidates.act(database, Policy(), clock(), after=last) == 0
    places: list[str] = []
    assert candidates.act(database, Policy(), clock(), lambda _, place: places.append(place)) == 1
    assert places == [last]


def test_the_command_finds_lists_and_decides(
    api: Api, clock: Clock, database: Database, command: Callable[..., Done], graph: Graph
) -> None:
    """The command has the real clock, so the visits are of these days."""
    clock.time = datetime.now(UTC) - timedelta(days=4)
    days_at_home(api, clock)
    done = command("candidates", "shop", "--find")
    assert (done.code, "1 candidates are open" in done.err) == (0, True), done.err
    [offered] = api.pages("candidates")
    assert offered["candidateId"] in done.out
    as_json = command("candidates", "shop", "--json")
    assert json.loads(as_json.out)["items"] == [offered]
    for visitor_id in offered["visitorIds"]:
        about = command("candidates", "shop", "--about", f"visitor:{visitor_id}", "--json")
        assert about.json["items"] == [offered]
    unknown = command("candidates", "shop", "--about", "visitor:vis_nobody")
    assert (unknown.code, unknown.err.strip()) == (1, "Error: there is no such visitor")
    of_user = command("candidates", "shop", "--about", "user:anna")
    assert (of_user.code, "'user:anna' is not visitor:ID" in of_user.err) == (2, True)
    both = command("candidates", "shop", "--accept", "x", "--refuse", "y")
    assert both.code == 2
    refused = command("candidates", "shop", "--refuse", offered["candidateId"], "--reason", "a guest", "--json")
    assert (refused.json["state"], refused.json["changed"]) == ("refused", True)
    assert command("candidates", "shop").err.strip() == "none"
    unknown = command("candidates", "shop", "--accept", "no-such")
    assert (unknown.code, unknown.err.strip()) == (1, "Error: there is no such candidate")


def test_two_laptops_at_one_home_are_each_others_rivals(api: Api, clock: Clock, find: Callable[[], int | None]) -> None:
    for _ in range(6):
        for name, agent in (("her laptop", CHROME), ("his laptop", CHROME), ("a phone", IPHONE)):
            api.init(name, address=HOME, agent=agent, anonymousId=name)
        clock.forward(days=1)
    # The two laptops are a candidate, too, since both may be hers: never above 0.5.
    assert find() == 3
    every = api.pages("candidates", minConfidence=0)
    [laptops] = [each for each in every if each["arithmetic"]["same_class"] == -3.0]
    one, other = (each for each in every if each != laptops)
    assert laptops["confidence"] < one["confidence"]
    assert one["arithmetic"] == other["arithmetic"]
    assert one["arithmetic"]["rivals"] < -2
    assert 0.4 < one["confidence"] < 0.5
