"""Whom a tenure probably belongs to: the same wherever it is asked."""

import pytest

from graph.store import analysis
from tests.world import Answer, Api, Clock, Graph


def test_of_equally_probable_users_the_latest_is_answered_and_read_and_has_the_journey(api: Api, clock: Clock) -> None:
    visits = {"anna": api.init("rare"), "ben": api.init("common"), "cleo": api.init("seldom")}
    for user, visit in visits.items():
        api.identify(visit, user)
    # Each comes back with the common fingerprint; the last is neither the oldest nor the newest user.
    for user in ("cleo", "anna", "ben"):
        clock.forward(seconds=1)
        api.init("common", visitorToken=visits[user]["visitorToken"])
    clock.forward(seconds=1)
    stranger = api.init("common", address="198.51.100.7")
    api.track(stranger, "whose?")

    assert stranger["isNewVisitor"]
    assert [(one["kind"], one["sharedBy"]) for one in stranger["match"]["evidence"]] == [("fingerprint", 3)]
    ben = api.get("users", "ben")["identityId"]
    assert api.get("visitors", stranger["visitorId"])["identityId"] == ben
    assert {user: api.journey("users", user) for user in visits} == {
        "anna": ["identify"],
        "ben": ["identify", "whose?"],
        "cleo": ["identify"],
    }
    surer = stranger["match"]["confidence"] + 0.01
    assert api.journey("users", "ben", minConfidence=surer) == ["identify"]
    assert api.get("visitors", stranger["visitorId"], minConfidence=surer)["identityId"] != ben


def at_one_address(api: Api, clock: Clock, *names: str) -> list[Answer]:
    """Visitors that come one after the other to an address with the same browser, each with an event of its name."""
    visits = []
    for name in names:
        visits.append(api.init(name, address="198.51.100.9"))
        api.track(visits[-1], name)
        clock.forward(seconds=1)
    return visits


def is_annas(api: Api, graph: Graph, visit: Answer) -> bool:
    """Whether a visitor is Anna's, which all reads and all questions of analysts answer alike."""
    anna, visitor_id = api.get("users", "anna")["identityId"], visit["visitorId"]
    tenure_id = api.get("sessions", visit["sessionId"])["tenureId"]
    things = (("visitors", visitor_id), ("sessions", visit["sessionId"]), ("identities", tenure_id))
    told: dict[object, bool] = {thing: api.get(*thing, minConfidence=0)["identityId"] == anna for thing in things}
    survivor_id = api.get("visitors", visitor_id)["visitorId"]
    for who in (("users", "anna"), ("identities", anna)):
        events = api.pages(*who, "journey", minConfidence=0)
        told[*who, "journey"] = survivor_id in {one["visitorId"] for one in events}
    for name in ("cluster", "journey", "first_touch", "cluster_picture", "weakest_links"):
        asked = {"who": "anna", "event": "identify", "type": "PROBABLY", "look_at": 1000}
        rows = graph.rows(analysis.find(name).text, tenant="shop", confidence_min=0.0, limit=1000, **asked)
        theirs = str([row for row in rows if row.get("whose", "anna") == "anna"])
        told[name] = tenure_id in theirs or visitor_id in theirs
    assert len(set(told.values())) == 1, told
    return told["cluster"]


def test_visitors_that_were_split_are_not_probably_each_other(api: Api, graph: Graph, clock: Clock) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    apart(api, one, other)
    api.identify(one, "anna")
    assert not is_annas(api, graph, other)
    api.change("visitors", other["visitorId"], "merge", into=one["visitorId"])
    assert api.journey("users", "anna") == ["one", "other", "identify"]


def test_a_visitor_is_not_probably_the_user_who_was_taken_from_it(api: Api, graph: Graph, clock: Clock) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    # Before there is anything that leads to her, by way of what will be hers.
    released(api, other, "anna")
    api.identify(one, "anna")
    assert not is_annas(api, graph, other)
    api.put("users", "anna", "visitors", other["visitorId"], confidence=80)
    assert is_annas(api, graph, other)


@pytest.mark.parametrize("said_of", ["merged", "survivor"])
def test_what_was_said_of_one_holds_for_all_that_are_one_with_it(
    api: Api, graph: Graph, clock: Clock, said_of: str
) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    elsewhere = api.init("elsewhere")
    released(api, elsewhere, "anna")
    source, into = (elsewhere, other) if said_of == "merged" else (other, elsewhere)
    api.change("visitors", source["visitorId"], "merge", into=into["visitorId"])
    api.identify(one, "anna")
    assert not is_annas(api, graph, other)
    api.change("visitors", source["visitorId"], "split")
    assert is_annas(api, graph, other)


@pytest.mark.parametrize("way", [0, 1])
def test_who_is_one_with_whom_it_was_split_from_is_not_probably_it(
    api: Api, graph: Graph, clock: Clock, way: int
) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    elsewhere = api.init("elsewhere")
    apart(api, other, elsewhere)
    source, into = ((elsewhere, one), (one, elsewhere))[way]
    api.change("visitors", source["visitorId"], "merge", into=into["visitorId"])
    api.identify(one, "anna")
    assert not is_annas(api, graph, other)
    api.change("visitors", source["visitorId"], "split")
    assert is_annas(api, graph, other)


def test_what_a_login_was_carried_on_to_before_does_not_count_after_a_split(
    api: Api, graph: Graph, clock: Clock
) -> None:
    other, one, third = at_one_address(api, clock, "other", "one", "third")
    assert api.identify(one, "anna")["propagated"] == 2
    assert is_annas(api, graph, other)
    apart(api, other, one)
    assert not is_annas(api, graph, other)
    # By a login of hers on a browser that nobody told it from, it is.
    api.identify(third, "anna")
    assert is_annas(api, graph, other)


def test_an_inference_that_does_not_count_keeps_no_login_from_being_carried_on(
    api: Api, graph: Graph, clock: Clock
) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    apart(api, one, other)
    api.identify(one, "anna")
    [third] = at_one_address(api, clock, "third")
    api.identify(third, "anna")
    assert is_annas(api, graph, other)


def test_a_tenure_that_was_taken_out_is_not_probably_whom_it_was_taken_from(
    api: Api, graph: Graph, clock: Clock
) -> None:
    one, other = at_one_address(api, clock, "one", "other")
    api.identify(one, "anna")
    clock.forward(minutes=1)
    api.change("visitors", other["visitorId"], "merge", into=one["visitorId"])
    tenure_id = api.get("sessions", other["sessionId"])["tenureId"]
    assert api.get("identities", tenure_id)["userId"] == "anna"
    api.change("visitors", one["visitorId"], "split", tenure=tenure_id)
    assert api.get("identities", tenure_id, minConfidence=0)["identityId"] == tenure_id
    assert api.journey("users", "anna", minConfidence=0) == ["one", "identify"]
    # Nor is she by a login elsewhere.
    [third] = at_one_address(api, clock, "third")
    api.identify(third, "anna")
    assert api.get("identities", tenure_id, minConfidence=0)["identityId"] == tenure_id


def test_a_tenure_below_one_that_is_probably_a_users_is_not_where_it_was_told_from_them(
    api: Api, graph: Graph, clock: Clock
) -> None:
    first = api.init("one")
    api.track(first, "first")
    clock.forward(seconds=1)
    below = api.init("one")
    api.track(below, "below")
    below_id = api.get("sessions", below["sessionId"])["tenureId"]
    api.change("visitors", below["visitorId"], "split", tenure=below_id)
    top, third = api.init("top"), api.init("third")
    api.track(top, "top")
    api.change("visitors", below["visitorId"], "merge", into=top["visitorId"])
    api.identify(first, "anna")
    for visit in (top, third):
        clock.forward(seconds=1)
        api.init(address="198.51.100.9", visitorToken=visit["visitorToken"])
    api.identify(third, "anna")

    top_id = api.get("sessions", top["sessionId"])["tenureId"]
    ties = graph.rows("MATCH (t:Tenure)-[:TIED_TO]->(above) RETURN t.identity_id AS below, above.identity_id AS above")
    assert {"below": below_id, "above": top_id} in ties
    anna = api.get("users", "anna")["identityId"]
    assert api.get("identities", top_id, minConfidence=0)["identityId"] == anna
    assert api.get("identities", below_id, minConfidence=0)["identityId"] == top_id
    hers = set(api.journey("users", "anna", minConfidence=0))
    assert (hers & {"top", "below"}) == {"top"}
    asked = {"tenant": "shop", "who": "anna", "confidence_min": 0.0, "limit": 1000}
    assert {row["event"] for row in graph.rows(analysis.find("journey").text, **asked)} == hers
    assert below_id not in {row["tenure_id"] for row in graph.rows(analysis.find("cluster").text, **asked)}
    visits = {row["session_id"] for row in graph.rows(analysis.find("first_touch").text, event="identify", **asked)}
    assert below["sessionId"] not in visits


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("said", ["who was reached", "who is between", "whose it is"])
def test_a_login_is_not_carried_on_by_way_of_whom_somebody_told_apart(
    api: Api, graph: Graph, clock: Clock, said: str, when: str
) -> None:
    start, middle, far = (api.init(name) for name in ("start", "middle", "far"))
    api.track(far, "far")

    def say() -> None:
        clock.forward(minutes=1)
        if said == "who was reached":
            apart(api, far, middle)
        elif said == "who is between":
            apart(api, middle, start)
        else:
            released(api, middle, "anna")

    if when == "before":
        say()
    clock.forward(minutes=1)
    # Each is known by its token, and so nobody is taken for another but by the login.
    for visit, address in ((start, "1"), (middle, "1"), (middle, "2"), (far, "2")):
        api.init(address=f"198.51.100.{address}", visitorToken=visit["visitorToken"])
    api.identify(start, "anna")
    if when == "after":
        assert is_annas(api, graph, far)
        say()
    assert not is_annas(api, graph, far)


def apart(api: Api, one: Answer, other: Answer) -> None:
    """Say that two visitors are not one."""
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"], force=True, reason="a mistake")
    api.change("visitors", one["visitorId"], "split")


def released(api: Api, visit: Answer, user_id: str) -> None:
    """Say that a visitor is not a user's."""
    api.put("users", user_id, "visitors", visit["visitorId"], confidence=50)
    api.remove("users", user_id, "visitors", visit["visitorId"])
