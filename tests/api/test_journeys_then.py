"""A journey as of a time has the events until then of the visits that belonged to the subject then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.schemas.wire import wire_time
from graph.acts import journeys
from tests.api.conftest import note
from tests.api.test_visibility import hide
from tests.world import IPHONE, Answer, Api, Clock, Json

HOME = "203.0.113.7"


def as_of(api: Api, *path: str, at: str, **query: Any) -> list[str]:
    return api.journey(*path, at=at, **query)


def test_before_a_login_the_visit_is_not_the_users(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    expected = {"anonymous": [], "logged in": ["look", "identify"], "bought": ["look", "identify", "buy"]}
    assert {name: as_of(api, "users", "anna", at=at) for name, at in moments.items()} == expected
    user = api.get("users", "anna")["identityId"]
    assert {name: as_of(api, "identities", user, at=at) for name, at in moments.items()} == expected


def test_before_a_login_it_is_the_visitors_own(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    expected = {"anonymous": ["look"], "logged in": ["look", "identify"], "bought": ["look", "identify", "buy"]}
    for path in (("visitors", laptop["visitorId"]), ("identities", laptop["identityId"])):
        assert {name: as_of(api, *path, at=at) for name, at in moments.items()} == expected


def test_an_event_of_the_moment_itself_counts(api: Api, laptop: Answer, clock: Clock) -> None:
    [*_, last] = api.pages("users", "anna", "journey")
    at = datetime.fromisoformat(last["timestamp"])
    assert as_of(api, "users", "anna", at=wire_time(at))[-1:] == ["buy"]
    assert as_of(api, "users", "anna", at=wire_time(at - timedelta(milliseconds=1)))[-1:] == ["identify"]


def test_a_time_to_come_is_now(api: Api, laptop: Answer, clock: Clock) -> None:
    later = wire_time(clock() + timedelta(days=9))
    for path in (
        ("users", "anna"),
        ("visitors", laptop["visitorId"]),
        ("identities", laptop["identityId"]),
    ):
        assert api.pages(*path, "journey", at=later) == api.pages(*path, "journey")


def test_the_present_as_a_time_says_what_now_says(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    for path in (
        ("users", "anna"),
        ("visitors", laptop["visitorId"]),
        ("identities", laptop["identityId"]),
    ):
        assert api.pages(*path, "journey", at=moments["bought"]) == api.pages(*path, "journey")


def test_a_merge_counts_from_when_it_was_made_until_it_was_undone(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    one, other = api.init("f-1"), api.init("f-2")
    api.track(one, "one")
    api.track(other, "other")
    note(clock, moments, "apart")
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"])
    note(clock, moments, "merged")
    api.change("visitors", one["visitorId"], "split")
    note(clock, moments, "split")

    def seen(visit: Answer, kind: str) -> dict[str, list[str]]:
        return {name: sorted(as_of(api, *path(visit, kind), at=at)) for name, at in moments.items()}

    def path(visit: Answer, kind: str) -> tuple[str, str]:
        return kind, visit[{"visitors": "visitorId", "identities": "identityId"}[kind]]

    for kind in ("visitors", "identities"):
        assert seen(one, kind) == {"apart": ["one"], "merged": ["one", "other"], "split": ["one"]}
        assert seen(other, kind) == {"apart": ["other"], "merged": ["one", "other"], "split": ["other"]}

    def survivors(name: str) -> set[str]:
        return {event["visitorId"] for event in api.pages(*path(one, "identities"), "journey", at=moments[name])}

    assert survivors("apart") == {one["visitorId"]}
    assert survivors("merged") == {other["visitorId"]}


def test_a_jar_that_was_taken_out_was_the_visitors_before(api: Api, clock: Clock, moments: dict[str, str]) -> None:
    first = api.init("laptop")
    api.track(first, "first")
    clock.forward(days=1)
    again = api.init("laptop")
    assert again["visitorId"] == first["visitorId"]
    api.track(again, "again")
    note(clock, moments, "together")
    jar_id = api.get("sessions", again["sessionId"])["jarId"]
    part_id = api.change("visitors", first["visitorId"], "split", jar=jar_id)["splitOffId"]
    note(clock, moments, "apart")
    assert as_of(api, "visitors", first["visitorId"], at=moments["together"]) == ["first", "again"]
    assert as_of(api, "visitors", first["visitorId"], at=moments["apart"]) == ["first"]
    assert as_of(api, "visitors", part_id, at=moments["together"]) == []
    assert as_of(api, "visitors", part_id, at=moments["apart"]) == ["again"]


def test_an_inference_counts_from_when_it_was_drawn(api: Api, clock: Clock, moments: dict[str, str]) -> None:
    laptop = api.init("laptop", address=HOME)
    tablet = api.init("tablet", address=HOME)
    api.track(tablet, "on the tablet")
    note(clock, moments, "anonymous")
    api.identify(laptop, "anna")
    note(clock, moments, "logged in")

    def confidences(at: str, **query: Any) -> dict[str, float]:
        events: list[Json] = api.pages("users", "anna", "journey", at=at, **query)
        return {event["eventName"]: event["confidence"] for event in events}

    assert confidences(moments["anonymous"]) == {}
    assert confidences(moments["logged in"]) == {"identify": 1.0, "on the tablet": 0.6}
    assert confidences(moments["logged in"], minConfidence=0.7) == {"identify": 1.0}


def test_linked_users_are_one_identity_from_when_they_were_linked(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    for name in ("anna", "anna@work"):
        visit = api.init(f"{name}'s")
        api.track(visit, f"look of {name}")
        api.identify(visit, name)
    note(clock, moments, "two")
    identity_id = api.get("users", "anna")["identityId"]
    api.change("users", "anna", "link", to="anna@work")
    note(clock, moments, "one")
    looks = {
        name: {event for event in as_of(api, "identities", identity_id, at=at) if event != "identify"}
        for name, at in moments.items()
    }
    assert looks == {"two": {"look of anna"}, "one": {"look of anna", "look of anna@work"}}
    assert as_of(api, "users", "anna", at=moments["one"]) == ["look of anna", "identify"]


def test_who_is_hidden_now_was_never_there(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    hide(api, "anna")
    api.get("users", "anna", "journey", at=moments["bought"], expect=404)
    assert as_of(api, "visitors", laptop["visitorId"], at=moments["bought"]) == []
    # Nobody knew then that this was anna.
    assert as_of(api, "visitors", laptop["visitorId"], at=moments["anonymous"]) == []
    assert as_of(api, "identities", laptop["identityId"], at=moments["anonymous"]) == []
    graph = api.get("identities", laptop["identityId"], "graph", at=moments["anonymous"], expect=404)
    assert graph["code"] == "identity_not_found"
    assert as_of(api, "identities", laptop["identityId"], at=moments["bought"]) == []


def test_who_was_probably_somebodys_and_is_hidden_now_was_never_there(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    laptop = api.init("laptop", address=HOME)
    tablet = api.init("tablet", address=HOME)
    api.track(tablet, "on the tablet")
    tenure_id = api.get("sessions", tablet["sessionId"])["tenureId"]
    api.identify(laptop, "anna")
    note(clock, moments, "probably")
    at = moments["probably"]
    anna = api.get("users", "anna")["identityId"]
    assert "on the tablet" in as_of(api, "identities", anna, at=at)
    api.identify(tablet, "dora")
    hide(api, "dora")
    graph = api.get("identities", anna, "graph", at=at, depth=1, minConfidence=0)
    assert tablet["visitorId"] not in str(graph.json)
    assert graph["leftOut"] == {}
    assert as_of(api, "identities", anna, at=at) == ["identify"]
    assert as_of(api, "identities", tenure_id, at=at) == []
    api.get("identities", tenure_id, "graph", at=at, expect=404)
    api.get("explain", a=f"session:{tablet['sessionId']}", b="user:anna", at=at, expect=404)


def test_what_was_probably_the_same_as_what_is_hidden_now_is_told_by_itself(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    one, other = (api.init(None, address=HOME, agent=IPHONE) for _ in range(2))
    api.track(one, "one", agent=IPHONE)
    api.track(other, "other", agent=IPHONE)
    note(clock, moments, "probably")
    at = moments["probably"]
    tenure_id = api.get("sessions", other["sessionId"])["tenureId"]
    assert as_of(api, "identities", tenure_id, at=at) == ["one", "other"]
    api.identify(one, "dora", agent=IPHONE)
    hide(api, "dora")
    assert as_of(api, "identities", tenure_id, at=at) == ["other"]
    graph = api.get("identities", tenure_id, "graph", at=at, depth=1)
    assert (graph["identityId"], one["visitorId"] in str(graph.json)) == (tenure_id, False)


def test_the_graph_has_the_visitors_that_the_journey_has(api: Api, clock: Clock, moments: dict[str, str]) -> None:
    first = api.init("laptop")
    api.track(first, "first")
    clock.forward(days=1)
    again = api.init("laptop")
    api.track(again, "again")
    other = api.init("tablet")
    note(clock, moments, "together")
    session = api.get("sessions", again["sessionId"])
    jar_id, subject = session["jarId"], session["tenureId"]
    part_id = api.change("visitors", first["visitorId"], "split", jar=jar_id)["splitOffId"]
    note(clock, moments, "apart")
    api.change("visitors", part_id, "merge", into=other["visitorId"])
    note(clock, moments, "merged")

    def visitors(at: str) -> dict[str, set[str]]:
        graph = api.get("identities", subject, "graph", at=at, depth=1)
        events: list[Json] = api.pages("identities", subject, "journey", at=at)
        into = {edge["source"]: edge["target"] for edge in graph["edges"] if edge["kind"] == "merged_into"}
        inside = {edge["target"] for edge in graph["edges"] if edge["kind"] == "in"}
        return {
            "graph": {into.get(visitor, visitor) for visitor in inside},
            "journey": {f"visitor:{event['visitorId']}" for event in events},
        }

    for name, visitor_id in (("together", first["visitorId"]), ("apart", part_id), ("merged", other["visitorId"])):
        expected = {f"visitor:{visitor_id}"}
        assert visitors(moments[name]) == {"graph": expected, "journey": expected}


def test_a_hidden_relationship_is_hidden_in_the_past(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    hide(api, "anna", laptop)
    for path in (("users", "anna"), ("visitors", laptop["visitorId"]), ("identities", laptop["identityId"])):
        assert as_of(api, *path, at=moments["bought"]) == []


def test_an_unknown_subject_is_not_found(api: Api, moments: dict[str, str], laptop: Answer) -> None:
    for path in (("users", "nobody"), ("visitors", "vis_nobody"), ("identities", "ten_nobody")):
        api.get(*path, "journey", at=moments["bought"], expect=404)
    assert as_of(api, "users", "anna", at="0001-01-02T00:00:00Z") == []


def test_it_is_read_page_by_page_however_few_tenures_a_page_has(
    api: Api, clock: Clock, moments: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        visit = api.init(f"device {number}")
        api.track(visit, f"look {number}")
        api.identify(visit, "anna")
        clock.forward(minutes=1)
    note(clock, moments, "then")
    whole = as_of(api, "users", "anna", at=moments["then"])
    assert len(whole) == 8
    monkeypatch.setattr(journeys, "FIRST_STREAMS", 1)
    assert as_of(api, "users", "anna", at=moments["then"], limit=3) == whole
    cursor = api.get("users", "anna", "journey", at=moments["then"], limit=3)["nextCursor"]
    assert api.get("users", "anna", "journey", cursor=cursor, expect=400)["code"] == "malformed_query"
