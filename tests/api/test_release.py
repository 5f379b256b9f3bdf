"""DELETE /users/{id}/visitors/{id} releases the user's claims on the visitor. Nothing takes the two for each other again."""

import pytest

from tests.world import Api, Clock, Graph


def test_a_released_user_leaves_the_visitor_and_nothing_of_the_others(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.track(visit, "look")
    api.identify(visit, "anna")
    elsewhere = api.init("f-2")
    api.identify(elsewhere, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"], reason="not her laptop")

    assert api.get("users", "anna", "visitors", visit["visitorId"], expect=404)["code"] == "relationship_not_found"
    assert api.get("visitors", visit["visitorId"])["userId"] is None
    assert api.journey("users", "anna") == ["identify"]
    assert api.journey("visitors", visit["visitorId"]) == ["look", "identify"]
    assert [item["visitorId"] for item in api.pages("users", "anna", "visitors")] == [elsewhere["visitorId"]]
    entry = api.pages("audit", about="user:anna")[0]
    assert (entry["act"], entry["reason"], entry["after"]) == ("release", "not her laptop", None)
    assert (entry["before"]["count"], entry["before"]["claims"]) == (1, 1)
    assert api.remove("users", "anna", "visitors", visit["visitorId"], expect=404)["code"] == "relationship_not_found"


@pytest.mark.parametrize("way", ["session", "token"])
def test_the_next_login_inherits_nothing(api: Api, clock: Clock, way: str) -> None:
    visit = api.init("f-1")
    api.track(visit, "hers")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    session = visit if way == "session" else api.init("f-1", visitorToken=visit["visitorToken"])
    assert api.track(session, "nobody's")["userId"] is None
    clock.forward(minutes=1)
    claimed = api.identify(session, "ben")
    api.track(claimed, "his")
    assert api.journey("users", "ben") == (["identify", "his"] if way == "session" else ["nobody's", "identify", "his"])
    assert api.get("visitors", visit["visitorId"])["userId"] == "ben"
    assert api.init("f-1", visitorToken=visit["visitorToken"])["userId"] == "ben"


def test_a_login_from_before_that_arrives_after_it_gets_what_was_before(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.track(visit, "first")
    early = clock.forward(minutes=1)
    clock.forward(minutes=1)
    api.identify(visit, "anna")
    api.track(visit, "hers")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    api.identify(visit, "ben", timestamp=early.isoformat())
    assert api.journey("users", "ben") == ["first", "identify"]
    assert api.get("sessions", visit["sessionId"])["userId"] == "ben"
    later = api.identify(visit, "carl")
    api.track(later, "his")
    assert api.journey("users", "carl") == ["identify", "his"]


def test_what_was_carried_on_from_it_is_withdrawn_and_not_carried_on_again(api: Api, graph: Graph) -> None:
    first, second = (api.init(name, address="198.51.100.9") for name in ("f-1", "f-2"))
    graph.rows("MATCH ()-[r:PROBABLY]->() DELETE r")
    assert api.identify(first, "anna")["propagated"] == 1
    api.remove("users", "anna", "visitors", first["visitorId"])
    assert graph.edges("PROBABLY") == set()
    api.put("users", "ben", "visitors", second["visitorId"], confidence=90)
    api.remove("users", "ben", "visitors", second["visitorId"])
    assert api.identify(first, "ben")["propagated"] == 0
    assert api.identify(first, "anna")["propagated"] == 1


@pytest.mark.parametrize("says_otherwise", ["identify", "put"])
def test_a_later_contradiction_of_a_release_counts(api: Api, graph: Graph, clock: Clock, says_otherwise: str) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    assert len(graph.edges("CANNOT_LINK")) == 1
    clock.forward(minutes=1)
    if says_otherwise == "identify":
        api.identify(visit, "anna")
    else:
        api.put("users", "anna", "visitors", visit["visitorId"], confidence=95)
    assert (len(graph.edges("CANNOT_LINK")), len(graph.edges("COULD_NOT_LINK"))) == (0, 1)
    found = api.get("users", "anna", "visitors", visit["visitorId"])
    assert (found["count"], found["confidence"]) == (1, 95)


def test_what_does_not_belong_together_is_404(api: Api) -> None:
    visit = api.init("f-1")
    assert api.remove("users", "anna", "visitors", visit["visitorId"], expect=404)["code"] == "relationship_not_found"
    assert api.remove("users", "anna", "visitors", "vis_none", expect=404)["code"] == "visitor_not_found"
    assert api.get("users", "anna", expect=404)["code"] == "user_not_found"


def test_a_release_on_a_merged_visitor_is_of_all_that_is_one_with_it(api: Api) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    api.identify(second, "anna")
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    api.remove("users", "anna", "visitors", first["visitorId"])
    for visit in (first, second):
        assert api.pages("visitors", visit["visitorId"], "users") == []
    assert api.journey("users", "anna") == []


def test_what_is_collected_does_not_say_otherwise(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    api.init("f-1", visitorToken=visit["visitorToken"], userId="anna")
    assert api.pages("visitors", visit["visitorId"], "users") == []


def test_nothing_is_inherited_from_below_either(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.track(visit, "hers")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    clock.forward(minutes=1)
    without_cookies = api.init("f-1")
    api.identify(without_cookies, "ben")
    assert api.journey("users", "ben") == ["identify"]
