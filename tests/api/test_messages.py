"""A call is one call however often it is sent."""

import pytest

from tests.world import Api, Clock, Graph


def test_a_repeated_init_is_answered_like_the_first(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("f-1", messageId="m-1", sentAt="2026-03-04T12:00:00.000Z")
    clock.forward(minutes=3)
    again = api.init("f-1", messageId="m-1", sentAt="2026-03-04T12:03:00.000Z")

    assert again.json == {**first.json, "duplicate": True}
    assert graph.count("Session") == 1
    assert graph.count("Jar") == 1


def test_a_repeated_track_is_answered_like_the_first(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    first = api.track(visit, "buy", messageId="m-1", properties={"sum": 3})
    api.identify(visit, "anna")
    clock.forward(hours=5)
    again = api.track(visit, "buy", messageId="m-1", properties={"sum": 3})

    assert again.json == {**first.json, "duplicate": True}
    assert api.journey("users", "anna") == ["buy", "identify"]
    [row] = graph.rows("MATCH (t:Tenure) RETURN t.events AS events")
    assert row["events"] == 2


def test_a_repeated_identify_is_answered_like_the_first(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    first = api.identify(visit, "ben", messageId="m-1")
    again = api.identify(visit, "ben", messageId="m-1")

    assert again.json == {**first.json, "duplicate": True}
    assert graph.count("Session") == 2
    [relationship] = api.get("users", "ben", "visitors")["items"]
    assert relationship["count"] == 1


@pytest.mark.parametrize("sent", [{"name": "other"}, {"properties": {"a": 1}}, {"timestamp": "2026-03-04T11:59:00Z"}])
def test_another_request_under_a_used_message_id_is_a_conflict(api: Api, sent: dict[str, object]) -> None:
    visit = api.init("f-1")
    api.track(visit, "buy", messageId="m-1")
    name = str(sent.pop("name", "buy"))

    assert api.track(visit, name, messageId="m-1", expect=409, **sent)["code"] == "message_id_conflict"


def test_a_message_id_is_not_shared_by_calls_or_sessions(api: Api) -> None:
    visit, other = api.init("f-1", messageId="m-1"), api.init("f-2")
    api.track(visit, "buy", messageId="m-2")

    assert api.track(visit, "buy", messageId="m-1", expect=409)["code"] == "message_id_conflict"
    assert api.identify(visit, "anna", messageId="m-2", expect=409)["code"] == "message_id_conflict"
    assert api.track(other, "buy", messageId="m-2", expect=409)["code"] == "message_id_conflict"
    assert api.init("f-1", messageId="m-2", expect=409)["code"] == "message_id_conflict"


def test_tenants_do_not_share_message_ids(api: Api, other_api: Api) -> None:
    api.init("f-1", messageId="m-1")
    assert other_api.init("f-2", messageId="m-1")["duplicate"] is False


def test_a_repeat_by_the_callers_own_id_begins_no_session(api: Api, clock: Clock, graph: Graph) -> None:
    api.track(None, "buy", anonymousId="a-1", messageId="m-1")
    clock.forward(hours=2)
    again = api.track(None, "buy", anonymousId="a-1", messageId="m-1")

    assert again["duplicate"] is True
    assert graph.count("Session") == 1


def test_a_refused_call_leaves_its_message_id_free(api: Api) -> None:
    api.track("nowhere", "buy", messageId="m-1", expect=404)

    assert api.track(api.init("f-1"), "buy", messageId="m-1")["duplicate"] is False


def test_a_call_that_is_refused_begins_no_session(api: Api, graph: Graph) -> None:
    api.track(None, "long ago", anonymousId="a-1", timestamp="2000-01-01T00:00:00Z", expect=410)
    api.track(api.init("f-1"), "buy", messageId="m-1")
    api.track(None, "buy", anonymousId="a-2", messageId="m-1", expect=409)

    assert graph.count("Session") == graph.count("Visitor") == graph.count("Jar") == 1


def test_a_page_is_not_given_the_answer_that_a_server_got(api: Api) -> None:
    visit = api.init("f-1")
    api.track(visit, "buy", messageId="m-1", secret=True)

    assert api.track(visit, "buy", messageId="m-1", expect=409)["code"] == "message_id_conflict"


def test_an_item_of_a_batch_may_not_speak_for_another_tenant(api: Api) -> None:
    visit = api.init("f-1")
    item = {"type": "track", "sessionId": visit["sessionId"], "eventName": "buy", "tenantId": "rival"}
    [result] = api.post("/eventTracking/batch", {"events": [item]})["results"]

    assert (result["status"], result["code"]) == (403, "wrong_tenant")
