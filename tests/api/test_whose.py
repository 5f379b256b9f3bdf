"""A call that names a user beside its session: a server says whose the event is, and a page is told what became of it."""

import pytest

from tests.api.test_consistency import check
from tests.api.test_merge import merge, split
from tests.world import Api, Clock, Graph

LOGINS = "MATCH (e:Event) WHERE e.user_id IS NOT NULL RETURN e.name AS name, e.user_id AS user, e.source AS source ORDER BY e.at, name"


def listed(api: Api) -> list[tuple[str, str, int]]:
    return sorted((item["code"], item["subject"], item["count"]) for item in api.get("warnings")["items"])


@pytest.mark.parametrize("by", ["sessionId", "anonymousId"])
def test_a_server_says_whose_an_event_is_once_a_session(api: Api, graph: Graph, clock: Clock, by: str) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    api.track(visit, "before")
    named = {"sessionId": visit["sessionId"]} if by == "sessionId" else {"anonymousId": "a-1"}
    for name in ("buy", "pay", "leave"):
        clock.forward(minutes=1)
        tracked = api.track(None, name, userId="anna", secret=True, **named)
        assert (tracked["userId"], tracked["sessionId"], tracked["confidence"]) == ("anna", visit["sessionId"], 1.0)
    assert graph.rows(LOGINS) == [{"name": "buy", "user": "anna", "source": "verified"}]
    assert api.journey("users", "anna") == ["before", "buy", "pay", "leave"]
    [relationship] = api.get("users", "anna", "visitors")["items"]
    assert (relationship["count"], relationship["source"], relationship["verified"]) == (1, "verified", True)
    assert listed(api) == []
    assert check(api) == []


def test_a_server_that_names_a_new_browser_and_a_user_begins_a_session_of_that_user(api: Api, graph: Graph) -> None:
    first = api.track(None, "buy", anonymousId="a-1", userId="anna", secret=True)
    second = api.track(None, "pay", anonymousId="a-1", userId="anna", secret=True)
    assert (first["userId"], second["userId"]) == ("anna", "anna")
    assert first["sessionId"] == second["sessionId"]
    assert [row["name"] for row in graph.rows(LOGINS)] == ["buy"]
    assert check(api) == []


def test_another_user_s_event_hands_the_session_over(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    tracked = api.track(visit, "buy", userId="ben", secret=True)
    assert (tracked["userId"], tracked["sessionId"] != visit["sessionId"]) == ("ben", True)
    assert api.journey("users", "ben") == ["buy"]
    assert "buy" not in api.journey("users", "anna")
    assert check(api) == []


def test_a_login_by_the_page_is_verified_by_the_server_s_word_once(api: Api, graph: Graph, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    for name in ("buy", "pay"):
        clock.forward(minutes=1)
        api.track(visit, name, userId="anna", secret=True)
    assert [(row["name"], row["source"]) for row in graph.rows(LOGINS)][1:] == [("buy", "verified")]
    [relationship] = api.get("users", "anna", "visitors")["items"]
    assert (relationship["count"], relationship["verified"]) == (2, True)
    assert check(api) == []


def test_a_repeat_says_nothing_again(api: Api, graph: Graph, clock: Clock) -> None:
    visit = api.init("f-1")
    once = api.track(visit, "buy", userId="anna", secret=True, messageId="m-1")
    clock.forward(minutes=1)
    api.identify(visit, "ben")
    clock.forward(minutes=1)
    again = api.track(visit, "buy", userId="anna", secret=True, messageId="m-1", timestamp=None)
    assert (again["eventId"], again["duplicate"]) == (once["eventId"], True)
    assert [row["user"] for row in graph.rows(LOGINS)] == ["anna", "ben"]


def test_an_event_that_is_refused_claims_nothing(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(hours=2)
    api.track(visit, "late", userId="anna", secret=True, expect=410)
    api.track(None, "lost", sessionId="nowhere", userId="anna", secret=True, expect=404)
    assert api.get("users", "anna", expect=404)


def test_items_of_a_batch_say_it_alike(api: Api) -> None:
    session = api.init("f-1")["sessionId"]
    items = [{"type": "track", "sessionId": session, "userId": "anna", "eventName": name} for name in ("buy", "pay")]
    results = api.post("/eventTracking/batch", {"events": items}, secret=True)["results"]
    assert [result["userId"] for result in results] == ["anna", "anna"]
    assert check(api) == []


def test_a_placeholder_claims_nothing_and_is_listed(api: Api) -> None:
    visit = api.init("f-1")
    assert api.track(visit, "buy", userId="{{user.id}}", secret=True)["userId"] is None
    assert listed(api) == [("placeholder_user_id", "{{user.id}}", 1)]


def relationships_of(api: Api, user: str) -> list[tuple[str, str, int]]:
    """The visitors of a user, each with the source and the count of the relationship."""
    return [(each["visitorId"], each["source"], each["count"]) for each in api.pages("users", user, "visitors")]


def test_the_user_id_of_a_pages_event_is_evidence_once_a_session(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    tracked = api.track(visit, "buy", userId="anna")
    assert (tracked["userId"], tracked["warnings"]) == (None, [])
    assert api.track(None, "pay", anonymousId="a-1", userId="anna")["userId"] is None
    assert api.track(visit, "look", userId="ben")["userId"] is None
    assert relationships_of(api, "anna") == [(visit["visitorId"], "collected", 1)]
    assert relationships_of(api, "ben") == [(visit["visitorId"], "collected", 1)]
    assert api.journey("users", "anna") == []
    [entry] = api.pages("audit", about="user:anna")
    assert (entry["act"], entry["before"], entry["after"]["source"]) == ("track", None, "collected")

    clock.forward(days=1)
    items = [{"type": "track", "anonymousId": "a-1", "userId": "anna", "eventName": name} for name in ("buy", "pay")]
    api.post("/eventTracking/batch", {"events": items})
    assert relationships_of(api, "anna") == [(visit["visitorId"], "collected", 2)]
    assert graph.count("Session") == 2
    assert listed(api) == []
    assert check(api) == []


def test_whoever_is_known_in_the_session_already_is_not_counted_again(api: Api) -> None:
    visit = api.init("f-1", userId="anna")
    api.identify(visit, "ben")
    for user in ("anna", "ben"):
        api.track(visit, "buy", userId=user)
    assert relationships_of(api, "anna") == [(visit["visitorId"], "collected", 1)]
    assert relationships_of(api, "ben") == [(visit["visitorId"], "claimed", 1)]
    assert check(api) == []


def test_events_of_one_transaction_count_a_user_once_a_session(api: Api) -> None:
    visits = [api.init(f"f-{number}") for number in range(3)]
    items = [
        {"type": "track", "sessionId": visit["sessionId"], "userId": user, "eventName": "buy"}
        for visit in visits
        for user in ("anna", "ben", "anna")
    ]
    api.post("/eventTracking/batch", {"events": items})
    for user in ("anna", "ben"):
        assert sorted(relationships_of(api, user)) == sorted((visit["visitorId"], "collected", 1) for visit in visits)
    assert check(api) == []


def test_without_consent_a_pages_event_is_evidence_of_nobody(api: Api) -> None:
    visit = api.init("f-1", consent=False)
    api.track(visit, "buy", userId="anna")
    opted_out = api.init("f-2")
    api.post(
        "/eventTracking/track",
        {"sessionId": opted_out["sessionId"], "eventName": "buy", "userId": "anna"},
        headers={"Sec-GPC": "1"},
    )
    assert api.get("users", "anna", expect=404)


def test_a_page_that_acts_on_behalf_of_a_user_says_nothing_about_its_own(api: Api) -> None:
    api.track(api.init("f-1"), "buy", userId="anna", onBehalfOf=True)
    assert api.get("users", "anna", expect=404)


def test_a_user_who_was_taken_from_the_visitor_is_refused_until_the_cannot_link_is_gone(api: Api, graph: Graph) -> None:
    visit, other = api.init("f-1"), api.init("f-2")
    api.identify(visit, "anna")
    api.remove("users", "anna", "visitors", visit["visitorId"])
    merge(api, other, visit)
    api.track(other, "buy", userId="anna")
    assert relationships_of(api, "anna") == []
    assert graph.rows("MATCH (e:Event) WHERE e.refused_user_id = 'anna' RETURN e.name AS name") == [{"name": "buy"}]
    assert check(api) == []
    split(api, other["visitorId"])
    assert relationships_of(api, "anna") == [(other["visitorId"], "collected", 1)]
    assert check(api) == []


def test_a_login_that_names_another_user_beside_its_session_is_listed(api: Api) -> None:
    visit = api.init("f-1")
    answer = api.identify(visit, "anna", userId="ben", secret=True)
    assert (answer["userId"], answer["warnings"]) == ("anna", ["user_id_unused"])
    assert api.identify(visit, "anna", userId="anna", secret=True)["warnings"] == []
    assert listed(api) == [("user_id_unused", "ben", 1)]


def test_who_acts_on_behalf_of_a_user_is_not_that_user(api: Api, graph: Graph, clock: Clock) -> None:
    home = api.init("f-home", address="203.0.113.20")
    api.identify(home, "anna")
    desk = api.init("f-desk", address="203.0.113.30")
    beside = api.init("f-beside", address="203.0.113.30")
    api.identify(desk, "agent-7")
    clock.forward(minutes=1)
    before = graph.rows("MATCH ()-[r]->() WHERE NOT type(r) IN ['RECORDED'] RETURN count(r) AS n")
    answer = api.identify(desk, "anna", onBehalfOf=True, properties={"ticket": 7})
    assert (answer["userId"], answer["warnings"], answer["verified"]) == (None, [], False)
    assert (answer["updated"], answer["propagated"]) == ({"sessions": 0, "events": 0}, 0)
    assert answer["sessionId"] == desk["sessionId"]
    assert graph.rows("MATCH ()-[r]->() WHERE NOT type(r) IN ['RECORDED'] RETURN count(r) AS n") == before
    events = api.pages("visitors", desk["visitorId"], "journey")
    assert events[-1]["properties"] == {"userId": "anna", "ticket": 7, "onBehalfOf": True}
    assert [item["visitorId"] for item in api.get("users", "anna", "visitors")["items"]] == [home["visitorId"]]
    assert api.get("visitors", desk["visitorId"])["userId"] == "agent-7"
    assert api.get("visitors", beside["visitorId"])["userId"] in (None, "agent-7")
    assert check(api) == []


def test_on_behalf_of_is_true_or_false(api: Api) -> None:
    session = api.init("f-1")
    assert api.identify(session, "anna", onBehalfOf=None)["userId"] == "anna"
    assert api.identify(session, "anna", onBehalfOf=False)["userId"] == "anna"
    assert list(api.identify(session, "anna", onBehalfOf="yes", expect=422)["errors"]) == ["onBehalfOf"]
    items = [{"type": "identify", "onBehalfOf": True, "userProperties": {"userId": "ben"}}]
    [result] = api.post("/eventTracking/batch", {"sessionId": session["sessionId"], "events": items})["results"]
    assert result["userId"] is None


def test_a_claim_that_was_released_is_made_again_by_the_server_s_word(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.track(visit, "buy", userId="anna", secret=True)
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    assert api.track(visit, "pay", userId="anna", secret=True)["userId"] == "anna"
    assert check(api) == []


def test_a_servers_event_dated_before_its_session_takes_nothing_from_who_was_there_then(api: Api, clock: Clock) -> None:
    first = api.init("f-1")
    clock.forward(minutes=15)
    api.identify(first, "anna")
    clock.forward(minutes=5)
    second = api.init("f-1", visitorToken=first["visitorToken"])
    early = api.track(second, "buy", userId="ben", secret=True, timestamp="2026-03-04T12:10:00Z")

    assert early["userId"] == "ben"
    assert api.get("sessions", first["sessionId"])["userId"] == "anna"
    assert api.journey("users", "anna") == ["identify"]
    assert api.journey("users", "ben") == ["buy"]
    assert check(api) == []


def test_who_acts_for_a_user_has_a_session_of_their_own(api: Api, graph: Graph) -> None:
    for answer in (
        api.identify(None, "anna", userId="anna", onBehalfOf=True, secret=True, expect=422),
        api.track(None, userId="anna", onBehalfOf=True, secret=True, expect=422),
    ):
        assert list(answer["errors"]) == ["sessionId"]
    visit = api.init("f-1")
    assert api.track(visit, userId="anna", onBehalfOf=True, secret=True)["userId"] is None
    assert graph.count("User") == 0
