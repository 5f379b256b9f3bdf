"""The graph around an identity: who belongs to it, what these were seen with, who else was, and what was left out."""

from typing import Any

import pytest

from app.schemas.wire import wire_time
from tests.world import Answer, Api, Clock

HOME, WORK = "203.0.113.7", "198.51.100.9"


def drawn(api: Api, identity_id: str, **query: Any) -> Answer:
    """Return the graph, after a look at whether every edge joins two of its nodes."""
    found = api.get("identities", identity_id, "graph", **query)
    ids = [node["id"] for node in found["nodes"]]
    assert len(ids) == len(set(ids))
    assert {end for edge in found["edges"] for end in (edge["source"], edge["target"])} <= set(ids)
    return found


def edges(found: Answer, kind: str) -> set[tuple[str, str]]:
    return {(edge["source"], edge["target"]) for edge in found["edges"] if edge["kind"] == kind}


def kinds(found: Answer) -> set[str]:
    return {node["kind"] for node in found["nodes"]}


@pytest.fixture
def anna(api: Api, clock: Clock) -> dict[str, Answer]:
    """Two devices of Anna's, of which the first came back without cookies, and a neighbour at home."""
    first = api.init("laptop", address=HOME)
    clock.forward(days=1)
    again = api.init("laptop", address=HOME)
    phone = api.init("phone", address=WORK)
    api.identify(again, "anna")
    api.identify(phone, "anna")
    api.track(phone)
    tablet = api.init("tablet", address=HOME)
    clock.forward(minutes=1)
    return {"first": first, "again": again, "phone": phone, "tablet": tablet}


def test_who_belongs_to_it_is_drawn_with_the_edges_between_them(api: Api, anna: dict[str, Answer]) -> None:
    identity_id = api.get("users", "anna")["identityId"]
    found = drawn(api, identity_id, depth=1)

    assert found["identityId"] == identity_id
    assert kinds(found) == {"user", "tenure", "jar", "visitor"}
    tenure = {name: f"tenure:{api.get('sessions', visit['sessionId'])['tenureId']}" for name, visit in anna.items()}
    assert edges(found, "resolves_to") == {(tenure[name], "user:anna") for name in ("first", "again", "phone")}
    assert edges(found, "tied_to") == {(tenure["again"], tenure["first"])}
    [inferred] = [edge for edge in found["edges"] if edge["kind"] == "probably"]
    assert (inferred["source"], inferred["confidence"]) == (tenure["tablet"], 0.6)
    assert {target for _, target in edges(found, "in")} == {
        f"visitor:{anna[name]['visitorId']}" for name in ("first", "phone", "tablet")
    }
    [user] = [node for node in found["nodes"] if node["kind"] == "user"]
    assert user == {"id": "user:anna", "kind": "user", "identityId": identity_id}
    [phone] = [node for node in found["nodes"] if node["id"] == tenure["phone"]]
    assert (phone["sessions"], phone["events"]) == (1, 2)
    assert found["leftOut"] == {}


def test_any_id_of_it_draws_the_same(api: Api, anna: dict[str, Answer]) -> None:
    by_user = drawn(api, api.get("users", "anna")["identityId"], depth=1)
    for name in ("first", "again", "phone", "tablet"):
        tenure_id = api.get("sessions", anna[name]["sessionId"])["tenureId"]
        assert drawn(api, tenure_id, depth=1).json == by_user.json


def test_further_out_are_what_they_were_seen_with_and_who_else_was(api: Api, anna: dict[str, Answer]) -> None:
    identity_id = api.get("users", "anna")["identityId"]
    stranger = api.init("office", address=WORK)
    api.identify(stranger, "ben")
    near, far = drawn(api, identity_id), drawn(api, identity_id, depth=3)

    assert kinds(near) == {"user", "tenure", "jar", "visitor", "session", "fingerprint", "address"}
    assert {target for _, target in edges(near, "has_fingerprint")} == {
        "fingerprint:laptop",
        "fingerprint:phone",
        "fingerprint:tablet",
    }
    assert {target for _, target in edges(near, "seen_at")} == {f"address:{HOME}", f"address:{WORK}"}
    assert len(edges(near, "during")) == 4
    assert {target for _, target in edges(near, "identified_as")} == {"user:anna"}
    other = f"visitor:{stranger['visitorId']}"
    assert other not in {node["id"] for node in near["nodes"]}
    assert (other, f"address:{WORK}") in edges(far, "seen_at")


def test_what_is_below_the_bound_is_left_out_with_all_that_only_it_leads_to(api: Api, anna: dict[str, Answer]) -> None:
    identity_id = api.get("users", "anna")["identityId"]
    found = drawn(api, identity_id, minConfidence=0.7)

    assert edges(found, "probably") == set()
    assert f"visitor:{anna['tablet']['visitorId']}" not in {node["id"] for node in found["nodes"]}
    assert found["leftOut"]["edges"] >= 0


def test_it_is_bounded_and_says_what_it_left_out(api: Api, clock: Clock) -> None:
    for number in range(5):
        api.identify(api.init(f"device {number}"), "anna")
        clock.forward(minutes=1)
    found = drawn(api, api.get("users", "anna")["identityId"], limit=2)

    assert len([node for node in found["nodes"] if node["kind"] == "tenure"]) == 2
    assert found["leftOut"]["tenures"] == 3


def test_a_crowd_is_not_drawn(api: Api) -> None:
    api.identify(api.init("laptop", address=WORK), "anna")
    for number in range(31):
        api.init(f"office {number}", address=WORK)
    found = drawn(api, api.get("users", "anna")["identityId"], depth=3)

    assert len([node for node in found["nodes"] if node["kind"] == "visitor"]) == 1
    assert found["leftOut"]["crowds"] == 1


def test_it_is_drawn_as_of_a_time(api: Api, clock: Clock) -> None:
    laptop, phone = api.init("laptop"), api.init("phone")
    api.identify(laptop, "anna")
    before = clock.forward(minutes=1)
    clock.forward(minutes=1)
    api.identify(phone, "anna")
    joined = clock.forward(minutes=1)
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", laptop["visitorId"])
    identity_id = api.get("users", "anna")["identityId"]

    def visitors(**query: Any) -> set[str]:
        return {node["id"] for node in drawn(api, identity_id, **query)["nodes"] if node["kind"] == "visitor"}

    both = {f"visitor:{visit['visitorId']}" for visit in (laptop, phone)}
    assert visitors(at=wire_time(before)) == {f"visitor:{laptop['visitorId']}"}
    assert visitors(at=wire_time(joined)) == both
    assert visitors() == {f"visitor:{phone['visitorId']}"}


def test_who_is_hidden_is_not_drawn(api: Api, anna: dict[str, Answer]) -> None:
    identity_id = api.get("users", "anna")["identityId"]
    api.put("users", "anna", "visitors", anna["phone"]["visitorId"], "visibility", visible=False)
    found = drawn(api, identity_id, depth=3)
    assert f"visitor:{anna['phone']['visitorId']}" not in str(found.json)
    api.put("users", "anna", "visibility", visible=False)
    assert api.get("identities", identity_id, "graph", expect=404)["code"] == "identity_not_found"


@pytest.mark.parametrize("query", [{"depth": 4}, {"depth": 0}, {"limit": 0}, {"minConfidence": 2}, {"at": "noon"}])
def test_what_cannot_be_drawn_is_refused(api: Api, anna: dict[str, Answer], query: dict[str, Any]) -> None:
    assert api.get("identities", anna["first"]["identityId"], "graph", expect=400, **query)["code"] == "malformed_query"


def test_the_way_to_the_identity_is_drawn_however_little_is(api: Api, clock: Clock) -> None:
    for _ in range(4):
        latest = api.init("laptop", address=HOME)
        clock.forward(minutes=1)
    found = drawn(api, latest["identityId"], limit=2)

    assert len([node for node in found["nodes"] if node["kind"] == "tenure"]) == 2
    assert len(edges(found, "tied_to")) == 1
    assert found["leftOut"]["tenures"] == 2


def test_the_first_of_all_times_is_a_time(api: Api, anna: dict[str, Answer]) -> None:
    found = drawn(api, api.get("users", "anna")["identityId"], depth=3, at="0001-01-02T00:00:00Z")
    assert kinds(found) == {"user"}
