"""POST /eventTracking/collect keeps a fingerprint without a session, with its visitor and the user id that came in it."""

from typing import Any

import pytest

from tests.world import Answer, Api, Clock, Graph, address_of


def collect(api: Api, fingerprint: Any, *, expect: int = 200, **sent: Any) -> Answer:
    collected = {"visitorId": fingerprint} if isinstance(fingerprint, str) else fingerprint
    where = {"address": address_of(str(fingerprint)), **{name: sent.pop(name) for name in ("secret",) if name in sent}}
    answer = api.post("/eventTracking/collect", {"fingerprint": collected, **sent}, **where)
    assert answer.status == expect, answer.json
    return answer


def test_a_fingerprint_is_kept_with_its_visitor_and_the_user_that_came_with_it(api: Api, graph: Graph) -> None:
    answer = collect(api, "f-1", userId="anna")
    assert (answer["fingerprintId"], answer["userId"], answer["match"]["method"]) == ("f-1", "anna", "new")
    assert graph.edges("HAS_FINGERPRINT") == {(answer["visitorId"], "f-1")}
    relationship = api.get("users", "anna", "visitors", answer["visitorId"])
    assert (relationship["confidence"], relationship["count"], relationship["source"]) == (70, 1, "collected")
    assert graph.count("Session") == 0
    assert graph.count("Collection") == 1
    visitor = api.get("visitors", answer["visitorId"])
    assert (visitor["sessions"], visitor["userId"], visitor["fingerprints"]) == (0, None, ["f-1"])


@pytest.mark.parametrize("where", ["beside", "metadata", "both"])
def test_the_user_id_is_taken_out_of_the_fingerprints_data(api: Api, graph: Graph, where: str) -> None:
    beside: dict[str, Any] = {"userId": "anna"} if where != "metadata" else {}
    metadata = {"userId": "anna" if where == "metadata" else "somebody else", "plan": "gold"}
    fingerprint = {"visitorId": "f-1", **({"metadata": metadata} if where != "beside" else {})}
    assert collect(api, fingerprint, **beside)["userId"] == "anna"
    assert [item["userId"] for item in api.pages("visitors", collect(api, "f-1")["visitorId"], "users")] == ["anna"]
    stored = graph.rows("MATCH (f:Fingerprint) RETURN properties(f) AS p")
    assert "anna" not in str(stored)
    assert "gold" not in str(stored)


def test_init_takes_it_out_of_there_too(api: Api) -> None:
    visit = api.init({"visitorId": "f-1", "metadata": {"userId": "anna"}})
    assert api.get("users", "anna", "visitors", visit["visitorId"])["source"] == "collected"


def test_collecting_again_finds_the_visitor_and_counts(api: Api, clock: Clock) -> None:
    first = collect(api, "f-1", userId="anna")
    clock.forward(minutes=1)
    again = collect(api, "f-1", userId="anna")
    assert (again["visitorId"], again["match"]["method"]) == (first["visitorId"], "fingerprint")
    relationship = api.get("users", "anna", "visitors", first["visitorId"])
    assert relationship["count"] == 2
    assert relationship["confidence"] > 70
    visit = api.init("f-1", visitorToken=first["visitorToken"])
    assert (visit["visitorId"], visit["match"]["method"]) == (first["visitorId"], "token")


def test_a_visit_that_comes_in_late_after_a_collection_is_the_jars_latest(api: Api, clock: Clock) -> None:
    api.init("f-1", anonymousId="a-1")
    clock.forward(minutes=10)
    collect(api, "f-1", anonymousId="a-1")
    late = api.init("f-1", anonymousId="a-1", timestamp="2026-03-04T12:05:00.000Z", sentAt=clock().isoformat())
    event = api.track(None, "look", anonymousId="a-1")
    assert event["sessionId"] == late["sessionId"]
    # The jar was used after this one began, in a session.
    early = api.init("f-1", anonymousId="a-1", timestamp="2026-03-04T12:02:00.000Z", sentAt=clock().isoformat())
    assert early["sessionId"] != late["sessionId"]
    assert api.track(None, "look", anonymousId="a-1")["sessionId"] == late["sessionId"]


def test_the_same_message_is_collected_once(api: Api) -> None:
    sent: dict[str, Any] = {"userId": "anna", "messageId": "m-1"}
    first = collect(api, "f-1", **sent)
    again = collect(api, "f-1", **sent)
    assert (first["duplicate"], again["duplicate"], again["visitorId"]) == (False, True, first["visitorId"])
    assert api.get("users", "anna", "visitors", first["visitorId"])["count"] == 1
    assert collect(api, "f-2", expect=409, **sent)["code"] == "message_id_conflict"


@pytest.mark.parametrize("secret", [False, True])
def test_a_batch_collects_as_the_call_of_its_own_does(api: Api, *, secret: bool) -> None:
    sent: dict[str, Any] = {"userId": "anna", "messageId": "m-1"}
    first = collect(api, "f-1", secret=secret, **sent)
    item = {"type": "collect", "fingerprint": {"visitorId": "f-1"}, **sent}
    again, new, without = api.post(
        "/eventTracking/batch",
        {"events": [item, {**item, "messageId": "m-2"}, {"type": "collect", "userId": "anna"}]},
        address=address_of("f-1"),
        secret=secret,
    )["results"]
    assert again == {**first.json, "duplicate": True}
    assert (new["visitorId"], new["userId"], new["duplicate"]) == (first["visitorId"], "anna", False)
    assert (without["code"], list(without["errors"])) == ("invalid_request", ["fingerprint"])
    assert api.get("users", "anna", "visitors", first["visitorId"])["count"] == 2


def test_what_a_batch_shares_of_sessions_is_not_of_what_it_collects(api: Api) -> None:
    item = {"type": "collect", "fingerprint": {"visitorId": "f-1"}, "messageId": "m-1"}
    answers = [
        api.post(
            "/eventTracking/batch",
            {"events": [item], **shared},
            address=address_of("f-1"),
            secret=True,
        )["results"][0]
        for shared in (
            {"anonymousId": "till-1", "userId": "anna"},
            {"anonymousId": "till-1", "userId": "ben", "sessionId": "ses_1", "sentAt": "2026-03-04T12:00:00Z"},
            {"anonymousId": "till-2"},
        )
    ]
    assert [answer.get("userId") for answer in answers] == [None] * 3
    assert [answer.get("duplicate", answer.get("code")) for answer in answers] == [False, True, "message_id_conflict"]
    assert api.pages("visitors", answers[0]["visitorId"], "users") == []
    assert api.init(anonymousId="till-1")["visitorId"] == answers[0]["visitorId"]


def test_a_placeholder_or_unverified_user_id_is_not_associated(api: Api) -> None:
    answer = collect(api, "f-1", userId="undefined")
    assert (answer["userId"], answer["warnings"]) == (None, ["placeholder_user_id"])
    answer = collect(api, "f-1", userId="anna", userHash="00")
    assert (answer["userId"], answer["warnings"]) == (None, ["user_hash_invalid"])
    assert api.pages("visitors", answer["visitorId"], "users") == []


def test_without_consent_nothing_is_kept(api: Api, graph: Graph) -> None:
    answer = collect(api, "f-1", userId="anna", consent=False)
    assert (answer["fingerprintId"], answer["userId"], answer["visitorToken"]) == (None, None, None)
    assert graph.count("Fingerprint") == graph.count("User") == 0


def test_a_fingerprint_is_needed(api: Api) -> None:
    assert api.post("/eventTracking/collect", {"userId": "anna"}).status == 422
    assert api.post("/eventTracking/collect", {"fingerprint": "f-1"}).status == 422
    assert api.post("/eventTracking/collect", {"fingerprint": {"visitorId": 5}}).status == 422
