"""A call that is sent several times has one effect and gets one answer."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.test_metrics import Metrics
from tests.faults.test_races import at_once, statuses
from tests.world import Answer, Api, Clock, Graph, Json


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
    visit, second_visit = api.init("f-1", messageId="m-1"), api.init("f-2")
    api.track(visit, "buy", messageId="m-2")

    assert api.track(visit, "buy", messageId="m-1", expect=409)["code"] == "message_id_conflict"
    assert api.identify(visit, "anna", messageId="m-2", expect=409)["code"] == "message_id_conflict"
    assert api.track(second_visit, "buy", messageId="m-2", expect=409)["code"] == "message_id_conflict"
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
    api.track(
        None, "long ago", anonymousId="a-1", timestamp="2000-01-01T00:00:00Z", sentAt="2026-03-04T12:00:00Z", expect=410
    )
    api.track(api.init("f-1"), "buy", messageId="m-1")
    api.track(None, "buy", anonymousId="a-2", messageId="m-1", expect=409)

    assert graph.count("Session") == graph.count("Visitor") == graph.count("Jar") == 1


def test_a_page_is_not_given_the_answer_that_a_server_got(api: Api) -> None:
    visit = api.init("f-1")
    by_server = api.track(visit, "buy", messageId="m-1", secret=True)
    by_page = api.track(visit, "buy", messageId="m-1")

    assert by_page["duplicate"] is False
    assert by_page["eventId"] != by_server["eventId"]
    assert (by_page["messageId"], by_server["messageId"]) == ("m-1", "m-1")
    assert api.track(visit, "buy", messageId="m-1", secret=True).json == {**by_server.json, "duplicate": True}


def test_what_a_page_sends_uses_up_no_id_of_a_server(api: Api) -> None:
    """A write key is public, so anybody may send any id with it."""
    visit = api.init("f-1")
    for squatted in ("k-1", "secret:k-1", "public:k-1"):
        api.track(visit, "buy", messageId=squatted)
    for key in ("k-1", "secret:k-1", "public:k-1"):
        api.put("users", "anna", "visitors", visit["visitorId"], confidence=90, key=key)
        api.track(visit, "pay", messageId=f"of {key}", secret=True)


def test_an_item_of_a_batch_may_not_speak_for_another_tenant(api: Api) -> None:
    visit = api.init("f-1")
    item = {"type": "track", "sessionId": visit["sessionId"], "eventName": "buy", "tenantId": "rival"}
    [result] = api.post("/eventTracking/batch", {"events": [item]})["results"]

    assert (result["status"], result["code"]) == (403, "wrong_tenant")


@dataclass(frozen=True)
class Some:
    """Two visitors of anna's, and a third that was merged into the second."""

    one: str
    other: str
    merged: str


@dataclass(frozen=True)
class Act:
    """A call that changes the graph: how to make it, another call of its kind, and the call that undoes it."""

    call: str
    make: Callable[..., Answer]
    another: Callable[..., Answer]
    undo: Callable[[Api, Some], Answer]


def hide(api: Api, *path: str, visible: bool = False, **more: Any) -> Answer:
    return api.put("users", "anna", *path, "visibility", visible=visible, **more)


ACTS = {
    "merge": Act(
        "merge",
        lambda api, some, **more: api.change("visitors", some.one, "merge", into=some.other, **more),
        lambda api, some, **more: api.change("visitors", some.one, "merge", into=some.other, reason="why", **more),
        lambda api, some: api.change("visitors", some.one, "split"),
    ),
    "split": Act(
        "split",
        lambda api, some, **more: api.change("visitors", some.merged, "split", **more),
        lambda api, some, **more: api.change("visitors", some.other, "split", **more),
        lambda api, some: api.change("visitors", some.merged, "merge", into=some.other),
    ),
    "release": Act(
        "release",
        lambda api, some, **more: api.remove("users", "anna", "visitors", some.one, **more),
        lambda api, some, **more: api.remove("users", "anna", "visitors", some.other, **more),
        lambda api, some: api.put("users", "anna", "visitors", some.one, confidence=90),
    ),
    "hide a relationship": Act(
        "visibility",
        lambda api, some, **more: hide(api, "visitors", some.one, **more),
        lambda api, some, **more: hide(api, "visitors", some.one, visible=True, **more),
        lambda api, some: hide(api, "visitors", some.one, visible=True),
    ),
    "hide a user": Act(
        "visibility",
        lambda api, _, **more: hide(api, **more),
        lambda api, some, **more: hide(api, "visitors", some.one, **more),
        lambda api, _: hide(api, visible=True),
    ),
}


@pytest.fixture
def some(api: Api) -> Some:
    found = Some(*(api.init(f"f-{number}")["visitorId"] for number in range(3)))
    for visitor_id in (found.one, found.other):
        api.put("users", "anna", "visitors", visitor_id, confidence=90)
    api.change("visitors", found.merged, "merge", into=found.other)
    return found


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_change_with_a_key_is_one_change_whatever_came_between(
    api: Api, clock: Clock, graph: Graph, some: Some, act: Act
) -> None:
    moved = Metrics(api)
    first = act.make(api, some, key="k-1")
    clock.forward(minutes=1)
    act.undo(api, some)
    clock.forward(minutes=1)
    entries = graph.count("AuditEntry")
    again = act.make(api, some, key="k-1")

    assert (first.json is None) == (again.json is None) == (act.call == "release")
    if first.json is not None:
        assert first["duplicate"] is False
        assert again.json == {**first.json, "duplicate": True}
    assert graph.count("AuditEntry") == entries
    assert moved("whograph_duplicates_total", call=act.call) == 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_twins_with_one_key_have_one_effect_and_one_answer(api: Api, graph: Graph, some: Some, act: Act) -> None:
    before = graph.rows("MATCH (e:AuditEntry) RETURN count(DISTINCT e.change_id) AS n")
    status = 204 if act.call == "release" else 200
    answers = at_once(8, lambda _: act.make(api, some, key="k-1", expect=status))

    assert statuses(answers) == {status: 8}
    if status == 200:
        assert [answer["duplicate"] for answer in answers].count(False) == 1
        assert len({str({**answer.json, "duplicate": None}) for answer in answers}) == 1
    after = graph.rows("MATCH (e:AuditEntry) RETURN count(DISTINCT e.change_id) AS n")
    assert after[0]["n"] == before[0]["n"] + 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_key_is_not_shared_by_changes_and_other_calls(api: Api, some: Some, act: Act) -> None:
    stated = api.init("f-9", messageId="m-1", secret=True)["visitorId"]
    api.put("users", "ben", "visitors", stated, confidence=90, key="k-1")
    act.make(api, some, key="k-2")

    for key in ("m-1", "k-1"):
        assert act.make(api, some, key=key, expect=409)["code"] == "message_id_conflict"
    assert act.another(api, some, key="k-2", expect=409)["code"] == "message_id_conflict"
    refused = api.put("users", "ben", "visitors", stated, confidence=90, key="k-2", expect=409)
    assert refused["code"] == "message_id_conflict"
    assert api.track(api.init("f-9"), messageId="k-2", secret=True, expect=409)["code"] == "message_id_conflict"


def test_what_changes_nothing_is_one_change_too(api: Api, some: Some) -> None:
    api.change("visitors", some.one, "merge", into=some.other)
    assert api.change("visitors", some.one, "merge", into=some.other, key="k-1")["changed"] is False
    api.change("visitors", some.one, "split")
    assert api.change("visitors", some.one, "merge", into=some.other, key="k-1")["duplicate"] is True
    assert api.get("visitors", some.one)["visitorId"] == some.one


def test_a_change_that_is_refused_leaves_its_key_free(api: Api, some: Some) -> None:
    api.change("visitors", some.one, "merge", into="vis_none", key="k-1", expect=404)
    api.change("visitors", some.one, "split", key="k-1", expect=409)
    assert api.change("visitors", some.one, "merge", into=some.other, key="k-1")["changed"] is True


def test_a_change_without_a_key_is_made_each_time(api: Api, some: Some, graph: Graph) -> None:
    messages = graph.count("Message")
    for _ in range(2):
        assert api.change("visitors", some.one, "merge", into=some.other)["duplicate"] is False
        api.change("visitors", some.one, "split")
    api.remove("users", "anna", "visitors", some.one)
    assert api.remove("users", "anna", "visitors", some.one, expect=404)["code"] == "relationship_not_found"
    assert graph.count("Message") == messages


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_key_that_is_no_id_is_422(api: Api, some: Some, act: Act) -> None:
    for key in (" ", "k" * 257):
        assert "Idempotency-Key" in act.make(api, some, key=key, expect=422)["errors"]


#: The item of a batch that stands for each call.
ITEMS: dict[str, Callable[[Some], Json]] = {
    "merge": lambda some: {"do": "merge", "visitorId": some.one, "into": some.other},
    "split": lambda some: {"do": "split", "visitorId": some.merged},
    "release": lambda some: {"do": "delete", "userId": "anna", "visitorId": some.one},
    "hide a relationship": lambda some: {
        "do": "visibility",
        "userId": "anna",
        "visitorId": some.one,
        "visible": False,
    },
    "hide a user": lambda _: {"do": "visibility", "userId": "anna", "visitorId": None, "visible": False},
}


@pytest.mark.parametrize("name", ACTS)
def test_an_item_of_a_batch_is_the_call_it_stands_for(api: Api, graph: Graph, some: Some, name: str) -> None:
    item = {**ITEMS[name](some), "idempotencyKey": "k-1"}
    entries = graph.count("AuditEntry")
    first, again, conflict = api.change(
        "relationships", "batch", relationships=[item, item, {**item, "reason": "why"}]
    )["results"]
    assert graph.count("AuditEntry") > entries

    entries = graph.count("AuditEntry")
    alone = ACTS[name].make(api, some, key="k-1")
    assert (first["duplicate"], again) == (False, {**first, "duplicate": True})
    assert alone.json in (None, again)
    assert conflict["code"] == "message_id_conflict"
    assert graph.count("AuditEntry") == entries


def test_what_a_batch_sent_before_an_upgrade_is_known_after_it(api: Api, graph: Graph) -> None:
    """The hash covers the whole item with its type, as it has since the first version."""
    session = api.init("f-1")["sessionId"]
    item = {"type": "track", "sessionId": session, "eventName": "click", "messageId": "m-1"}
    api.post("/eventTracking/batch", {"events": [item]})
    [row] = graph.rows("MATCH (e:Event) RETURN e.request_hash AS hash")
    hashed = json.dumps({**item, "": False}, sort_keys=True, separators=(",", ":"))
    assert row["hash"] == hashlib.sha256(hashed.encode()).hexdigest()


def test_a_user_id_is_the_same_as_a_number_and_as_text(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", userId=42, messageId="m-1")
    assert api.init("f-1", userId="42", messageId="m-1").json == {**visit.json, "duplicate": True}
    login = api.identify(visit, 42, messageId="m-2")
    assert api.identify(visit, "42", messageId="m-2").json == {**login.json, "duplicate": True}
    assert graph.count("Session") == 1
