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
    assert stranger["identityId"] == api.get("visitors", stranger["visitorId"])["identityId"] == ben
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


def apart(api: Api, one: Answer, other: Answer) -> None:
    """Say that two visitors are not one."""
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"], force=True, reason="a mistake")
    api.change("visitors", one["visitorId"], "split")


def released(api: Api, visit: Answer, user_id: str) -> None:
    """Say that a visitor is not a user's."""
    api.put("users", user_id, "visitors", visit["visitorId"], confidence=50)
    api.remove("users", user_id, "visitors", visit["visitorId"])
