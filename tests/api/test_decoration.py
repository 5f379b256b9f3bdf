"""A visit is never lost for decoration: what is not needed to know who it is may be wrong, missing, blank or too long."""

import gzip
import json
from typing import Any

import pytest

from app.schemas.wire import wire_time
from tests.world import Answer, Api, Clock, Graph

INIT, TRACK, IDENTIFY = "/eventTracking/init", "/eventTracking/track", "/eventTracking/identify"
COLLECT, BATCH = "/eventTracking/collect", "/eventTracking/batch"
LONG = "x" * 8193
#: How JSON is written that a call is known again by.
CANONICAL: dict[str, Any] = {"sort_keys": True, "separators": (",", ":")}
HALF = "Sale \ud83d"


def listed(api: Api) -> list[tuple[str, str]]:
    return sorted((item["code"], item["subject"]) for item in api.get("warnings")["items"])


def kept(graph: Graph) -> dict[str, Any]:
    """Return the only event."""
    [row] = graph.rows("MATCH (event:Event) RETURN properties(event) AS event")
    return dict(row["event"])


def send(api: Api, path: str, body: bytes, **headers: str) -> Answer:
    given = {"X-Write-Key": api.keys.write_key, "X-Forwarded-For": "203.0.113.7", **headers}
    response = api.app.test_client().post(path, data=body, headers=given)
    return Answer(response.status_code, response.get_json(silent=True), response.headers)


# What was sent, and the warning that it leaves; None for what counts as absent.
OF_A_CALL: dict[str, tuple[dict[str, Any], tuple[str, str] | None]] = {
    "no page": ({"page": None}, None),
    "a page that is a text": ({"page": "https://shop.example/"}, ("field_dropped", "page")),
    "a page that is a list": ({"page": []}, ("field_dropped", "page")),
    "a title that is a number": ({"page": {"title": 5}}, ("field_dropped", "page.title")),
    "no title": ({"page": {"title": None}}, None),
    "a long address": ({"page": {"url": LONG}}, ("text_cut", "page.url")),
    "a long referrer": ({"page": {"referrer": LONG}}, ("text_cut", "page.referrer")),
    "half a character": ({"page": {"title": HALF}}, ("text_replaced", "page.title")),
    "a blank time": ({"timestamp": ""}, None),
    "no time": ({"timestamp": None}, None),
    "a time that is none": ({"timestamp": "yesterday"}, ("field_dropped", "timestamp")),
    "a time that is a number": ({"timestamp": 1772625600}, ("field_dropped", "timestamp")),
    "a time before there were any": ({"timestamp": "0001-01-01T00:00:00+23:59"}, ("field_dropped", "timestamp")),
    "a clock that is none": ({"sentAt": "now"}, ("field_dropped", "sentAt")),
    "no message id": ({"messageId": None}, None),
    "a blank message id": ({"messageId": " "}, None),
    "a blank tenant": ({"tenantId": ""}, None),
}
OF_A_VISIT: dict[str, tuple[dict[str, Any], tuple[str, str] | None]] = {
    "a blank user id": ({"userId": ""}, None),
    "no user id": ({"userId": None}, None),
    "a blank id of the browser": ({"anonymousId": " "}, None),
    "no id of the browser": ({"anonymousId": None}, None),
    "no consent said": ({"consent": None}, None),
    "no signature": ({"userHash": "", "userToken": " "}, None),
    "no hash": ({"fingerprint": {"visitorId": ""}}, ("field_dropped", "fingerprint")),
    "a hash that is null": ({"fingerprint": {"visitorId": None}}, ("field_dropped", "fingerprint")),
    "a fingerprint of nothing": ({"fingerprint": {}}, ("field_dropped", "fingerprint")),
    "a confidence in words": (
        {"fingerprint": {"visitorId": "f-1", "confidence": "high"}},
        ("field_dropped", "fingerprint.confidence"),
    ),
    "a confidence of 95": (
        {"fingerprint": {"visitorId": "f-1", "confidence": 95}},
        ("field_dropped", "fingerprint.confidence"),
    ),
    "components that are a list": (
        {"fingerprint": {"visitorId": "f-1", "components": []}},
        ("field_dropped", "fingerprint.components"),
    ),
    "half a character in a component": (
        {"fingerprint": {"visitorId": "f-1", "components": {"fonts": {"value": [HALF]}}}},
        ("text_replaced", "fingerprint.components"),
    ),
}


@pytest.mark.parametrize(("sent", "warning"), OF_A_CALL.values(), ids=OF_A_CALL.keys())
@pytest.mark.parametrize("call", ["init", "collect", "track", "identify"])
def test_what_only_decorates_a_call_never_costs_it(
    api: Api, call: str, sent: dict[str, Any], warning: tuple[str, str] | None
) -> None:
    session = api.init("f-1")
    if call == "init":
        api.init("f-1", **sent)
    elif call == "collect":
        assert api.post(COLLECT, {"fingerprint": {"visitorId": "f-1"}, **sent}).status == 200
    elif call == "track":
        api.track(session, **sent)
    else:
        assert api.identify(session, "anna", **sent)["userId"] == "anna"
    assert listed(api) == ([(warning[0], f"{call}: {warning[1]}")] if warning else [])


@pytest.mark.parametrize(("sent", "warning"), OF_A_VISIT.values(), ids=OF_A_VISIT.keys())
@pytest.mark.parametrize("call", ["init", "collect"])
def test_what_only_decorates_a_visit_never_costs_it(
    api: Api, graph: Graph, call: str, sent: dict[str, Any], warning: tuple[str, str] | None
) -> None:
    body = {"fingerprint": {"visitorId": "f-1"}, **sent}
    answer = api.post(INIT if call == "init" else COLLECT, body)
    assert answer.status == 200, answer.json
    assert answer["warnings"] == ([warning[0]] if warning else [])
    assert listed(api) == ([(warning[0], f"{call}: {warning[1]}")] if warning else [])
    has_hash = bool(body["fingerprint"].get("visitorId"))
    assert graph.count("Fingerprint") == int(has_hash)


def test_a_bot_s_empty_fingerprint_still_collects_the_user_id(api: Api) -> None:
    answer = api.post(COLLECT, {"fingerprint": {"visitorId": ""}, "userId": "anna"})
    assert (answer["fingerprintId"], answer["userId"]) == (None, "anna")
    assert api.get("visitors", answer["visitorId"], "users")["items"][0]["userId"] == "anna"
    for nothing in (None, "", " "):
        assert api.post(COLLECT, {"fingerprint": nothing})["fingerprintId"] is None


@pytest.mark.parametrize("sent", [0.7, {"score": 0.7, "comment": "0.994 if upgrade to Pro"}, 1, {"score": 1}])
def test_the_confidence_of_a_fingerprint_is_a_number_or_has_a_score(api: Api, graph: Graph, sent: Any) -> None:
    fingerprint = {"visitorId": "f-1", "confidence": sent, "components": {"fonts": {"error": {}, "duration": 3}}}
    assert api.init(fingerprint)["warnings"] == []
    [row] = graph.rows("MATCH (session:Session) RETURN session.fingerprint_confidence AS confidence")
    assert row["confidence"] == (0.7 if sent in (0.7, {"score": 0.7, "comment": "0.994 if upgrade to Pro"}) else 1.0)


def test_a_reset_that_is_null_is_none(api: Api) -> None:
    first = api.init("f-1")
    again = api.init("f-1", visitorToken=first["visitorToken"], reset=None)
    assert again["identityId"] == first["identityId"]


@pytest.mark.parametrize("sent", [None, "x", [], 5])
def test_properties_that_are_no_object_are_none(api: Api, graph: Graph, sent: Any) -> None:
    api.track(api.init("f-1"), properties=sent)
    assert kept(graph)["properties"] == "{}"


@pytest.mark.parametrize("letter", ["a", "ä", "😀"])
def test_an_event_keeps_so_many_bytes_of_properties(api: Api, graph: Graph, letter: str) -> None:
    letters = 32_768 // len(letter.encode()) - len('{"x":""}')
    visit = api.init("f-1")
    for session in (visit, None):
        named: dict[str, Any] = {} if session else {"anonymousId": "a-1"}
        whole = api.track(session, "buy", properties={"x": letter * letters}, **named)
        without = api.track(session, "sell", properties={"x": letter * (letters + 9)}, **named)
        assert (whole["warnings"], without["warnings"]) == ([], ["field_dropped"])
    login = api.identify(visit, "anna", properties={"story": letter * 33_000})
    assert (login["userId"], login["warnings"]) == ("anna", ["field_dropped"])
    helped = api.identify(visit, "ben", properties={"story": letter * 33_000}, onBehalfOf=True)
    assert helped["warnings"] == ["field_dropped"]

    kept = graph.rows("MATCH (e:Event) RETURN e.name AS name, e.properties AS properties ORDER BY name, properties")
    assert {row["name"]: json.loads(row["properties"]) for row in kept if row["name"] != "identify"} == {
        "buy": {"x": letter * letters},
        "sell": {},
    }
    logins = [json.loads(row["properties"]) for row in kept if row["name"] == "identify"]
    assert sorted(logins, key=len) == [{"userId": "anna"}, {"userId": "ben", "onBehalfOf": True}]
    assert {(item["subject"], item["count"]) for item in api.pages("warnings")} == {
        ("track: properties", 2),
        ("identify: userProperties", 2),
    }


def test_text_is_cut_at_the_limit_and_made_whole(api: Api, graph: Graph) -> None:
    page = {"url": "https://shop.example/?" + LONG, "title": HALF}
    api.track(api.init("f-1"), HALF, page=page, properties={HALF: [HALF, {"deep": HALF}], "fine": "😀"})
    event = kept(graph)
    assert event["name"] == "Sale \ufffd"
    assert event["page_url"] == ("https://shop.example/?" + LONG)[:8192]
    assert event["page_title"] == "Sale \ufffd"
    assert json.loads(event["properties"]) == {"Sale \ufffd": ["Sale \ufffd", {"deep": "Sale \ufffd"}], "fine": "😀"}


def test_what_a_user_is_said_to_be_is_made_whole_and_the_id_is_not(api: Api, graph: Graph) -> None:
    session = api.init("f-1")
    assert api.identify(session, "anna", properties={"name": HALF})["userId"] == "anna"
    assert json.loads(kept(graph)["properties"]) == {"userId": "anna", "name": "Sale \ufffd"}
    refused = api.identify(session, "anna\ud83d", expect=422)
    assert list(refused["errors"]) == ["userProperties"]
    assert api.init(anonymousId="a\ud83d", expect=422)["code"] == "invalid_request"


def test_an_item_of_a_batch_is_mended_like_a_call(api: Api, graph: Graph) -> None:
    session = api.init("f-1")["sessionId"]
    items = [
        {"type": "track", "sessionId": session, "eventName": "one", "page": {"title": HALF}, "timestamp": ""},
        {"type": "identify", "sessionId": session, "userProperties": {"userId": 42}, "page": None},
        {"type": "track", "sessionId": session + "\ud83d", "eventName": "lost"},
    ]
    one, login, lost = api.post(BATCH, {"events": items})["results"]
    assert (one["eventName"], login["userId"], lost["status"]) == ("one", "42", 422)
    assert graph.count("Event") == 2
    assert listed(api) == [("text_replaced", "track: page.title")]


@pytest.mark.parametrize(("sent", "user_id"), [(42, "42"), (-7, "-7"), (2**53 - 1, "9007199254740991")])
def test_an_integer_is_a_user_id(api: Api, sent: int, user_id: str) -> None:
    assert api.identify(api.init("f-1"), sent)["userId"] == user_id
    visitor = api.init("f-2", userId=sent)["visitorId"]
    assert [item["userId"] for item in api.get("visitors", visitor, "users")["items"]] == [user_id]
    tracked = api.track(None, userId=sent, secret=True)
    assert tracked["userId"] == user_id
    items = [{"userId": sent, "visitorId": visitor, "confidence": 50}]
    assert api.change("relationships", "batch", relationships=items)["results"][0]["userId"] == user_id


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (2**53, "9007199254740991"),
        (-(2**53), "9007199254740991"),
        (1.5, "fraction"),
        (1.0, "fraction"),
        (True, "boolean"),
    ],
)
def test_other_numbers_are_no_user_id(api: Api, sent: Any, why: str) -> None:
    session = api.init("f-1")
    [said] = api.identify(session, sent, expect=422)["errors"]["userProperties"]["userId"]
    assert why in said
    assert api.init("f-1", userId=sent, expect=422)["code"] == "invalid_request"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_body_may_be_packed_with_gzip(api: Api, encoding: str) -> None:
    body = gzip.compress(json.dumps({"fingerprint": {"visitorId": "f-1"}}).encode())
    answer = send(api, INIT, body, **{"Content-Type": "application/json", "Content-Encoding": encoding})
    assert (answer.status, answer["match"]["method"]) == (200, "new")


def test_gzip_in_two_parts_is_one_body(api: Api) -> None:
    body = gzip.compress(b'{"fingerprint": {"visitor') + gzip.compress(b'Id": "f-1"}}')
    assert send(api, INIT, body, **{"Content-Type": "application/json", "Content-Encoding": "gzip"}).status == 200


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b'{"x": 1}')[:-9], b"{}", gzip.compress(b"{}") + b"x"],
    ids=["cut off", "not packed", "with a rest"],
)
def test_a_body_that_is_no_gzip_is_malformed(api: Api, body: bytes) -> None:
    answer = send(api, INIT, body, **{"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert (answer.status, answer["code"]) == (400, "malformed_json")


def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(api: Api) -> None:
    bomb = gzip.compress(b'{"x": "' + b"x" * 50_000_000 + b'"}')
    answer = send(api, INIT, bomb, **{"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert (answer.status, answer["code"]) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_another_encoding_is_refused_with_the_one_that_is_taken(api: Api, encoding: str) -> None:
    answer = send(api, INIT, b"{}", **{"Content-Type": "application/json", "Content-Encoding": encoding})
    assert (answer.status, answer["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", ""])
def test_a_beacon_is_json(api: Api, kind: str) -> None:
    session = api.init("f-1")["sessionId"]
    for path, body in (
        (INIT, {"writeKey": api.keys.write_key}),
        (TRACK, {"writeKey": api.keys.write_key, "sessionId": session, "eventName": "bye"}),
        (BATCH, {"writeKey": api.keys.write_key, "events": []}),
    ):
        response = api.app.test_client().post(path, data=json.dumps(body).encode(), content_type=kind or None)
        assert response.status_code == 200, (path, response.get_json())


def test_a_number_of_more_than_64_bits_is_kept_as_javascript_has_it(api: Api) -> None:
    visit = api.init("f-1")
    body = json.dumps(
        {"sessionId": visit["sessionId"], "eventName": "paid", "properties": {"wei": 12345678901234567890}}
    )
    assert send(api, TRACK, body.encode(), **{"Content-Type": "application/json"}).status == 200
    [event] = api.pages("visitors", visit["visitorId"], "journey")
    assert event["properties"] == {"wei": 12345678901234567890.0}


def test_a_leap_second_is_a_time(api: Api) -> None:
    visit = api.init("f-1", timestamp="2026-03-04T11:45:00Z")
    assert api.track(visit, timestamp="2026-03-04T11:59:60Z")["timestamp"] == "2026-03-04T11:59:59.999Z"


#: What .NET sends where nobody set a time, and the last time from which 30 days cannot be taken.
FIRST_TIMES = ("0001-01-01T00:00:00Z", "0001-01-30T00:00:00Z")


@pytest.mark.parametrize("timestamp", FIRST_TIMES)
@pytest.mark.parametrize("secret", [False, True])
def test_the_first_of_all_times_by_a_clock_that_is_right_stops_no_call(
    api: Api,
    clock: Clock,
    timestamp: str,
    secret: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    visit = api.init("f-1")
    sent = {"timestamp": timestamp, "sentAt": wire_time(clock())}
    calls: dict[str, dict[str, Any]] = {
        INIT: {"fingerprint": {"visitorId": "f-2"}},
        TRACK: {"eventName": "odd"},
        IDENTIFY: {"userProperties": {"userId": "anna"}},
    }
    for path, body in calls.items():
        for named in ({"sessionId": visit["sessionId"]}, {"anonymousId": "a browser"}):
            where = {} if path == INIT else named
            assert api.post(path, {**body, **where, **sent}, secret=secret).status in {200, 410}, (path, named)
    odd = {"type": "track", "eventName": "odd", "timestamp": timestamp}
    good = {"type": "track", "eventName": "good"}
    batch = {"sessionId": visit["sessionId"], "sentAt": wire_time(clock()), "events": [good, odd, good]}
    results = api.post(BATCH, batch, secret=secret)["results"]
    assert ["eventId" in result for result in results] == [True, False, True]


def test_a_server_that_has_nothing_to_say_need_not_send_a_body(api: Api) -> None:
    client, headers = api.app.test_client(), {"Authorization": f"Bearer {api.keys.secret_key}"}
    assert client.post("/api/v1/consistency/check", headers=headers).status_code == 200
    visitor = api.init("f-1")["visitorId"]
    missing = client.post(f"/api/v1/visitors/{visitor}/merge", headers=headers)
    assert (missing.status_code, missing.get_json()["errors"].keys()) == (422, {"into"})


def test_elsewhere_a_body_says_that_it_is_json(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.keys.secret_key}"}
    path = "/api/v1/users/anna/visitors/vis_1"
    response = api.app.test_client().put(path, data=b"{}", content_type="text/plain", headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"properties": {"price": 10}}, {"properties": {"price": 10.0}}),
        ({"properties": {"a": 1, "b": [1e1]}}, {"properties": {"b": [10], "a": 1}}),
        ({"timestamp": "2026-03-04T11:59:00.000Z"}, {"timestamp": "2026-03-04T12:59:00+01:00"}),
        ({"timestamp": "2026-03-04T11:59:00.000Z"}, {"timestamp": "2026-03-04t11:59:00z"}),
        ({}, {"timestamp": None, "page": None, "userId": ""}),
        ({}, {"page": {}, "properties": {}, "onBehalfOf": False}),
        ({}, {"page": {"title": None, "campaign": "spring"}, "campaign": "spring", "type": "track"}),
        ({"page": {"url": "https://shop.example/"}}, {"page": {"url": "https://shop.example/", "referrer": ""}}),
    ],
)
def test_a_repeat_is_the_same_value(api: Api, graph: Graph, first: dict[str, Any], second: dict[str, Any]) -> None:
    session = api.init("f-1")
    once = api.track(session, messageId="m-1", **first)
    again = api.track(session, messageId="m-1", **second)
    assert (again["eventId"], again["duplicate"]) == (once["eventId"], True)
    assert graph.count("Event") == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"properties": {"price": 10}}, {"properties": {"price": 10.5}}),
        ({"properties": {"price": 10}}, {"properties": {"price": "10"}}),
        ({"properties": {"text": "1.0"}}, {"properties": {"text": "1"}}),
        ({"properties": {"n": 9007199254740993}}, {"properties": {"n": 9007199254740992.0}}),
        ({"timestamp": "2026-03-04T11:59:00.000Z"}, {"timestamp": "2026-03-04T11:59:00.001Z"}),
        ({"properties": {}}, {"properties": {"price": None}}),
        ({"page": {"url": "https://shop.example/"}}, {"page": {"referrer": "https://shop.example/"}}),
        ({"userId": "anna"}, {"userId": "ben"}),
        ({}, {"onBehalfOf": True}),
    ],
)
def test_another_value_is_no_repeat(api: Api, first: dict[str, Any], second: dict[str, Any]) -> None:
    session = api.init("f-1")
    api.track(session, messageId="m-1", **first)
    assert api.track(session, messageId="m-1", expect=409, **second)["code"] == "message_id_conflict"


VISIT: dict[str, Any] = {"fingerprint": {"visitorId": "f-1", "confidence": 0.5}, "userId": "anna"}


@pytest.mark.parametrize("path", [INIT, COLLECT])
@pytest.mark.parametrize(
    "said",
    [
        {"consent": True, "page": {"url": None}, "isNew": True},
        {"userId": " anna\u200b", "messageId": " m-1 "},
        {"userHash": " ", "anonymousId": None},
        {"fingerprint": {"visitorId": "f-1 ", "confidence": {"score": 0.5, "comment": "poor"}, "version": "5.0.1"}},
        {"fingerprint": {"visitorId": "f-1", "confidence": 0.5, "components": {}, "metadata": {"plan": "gold"}}},
    ],
)
def test_a_repeated_visit_is_the_same_value(api: Api, path: str, said: dict[str, Any]) -> None:
    first = api.post(path, {**VISIT, "messageId": "m-1"})
    again = api.post(path, {**VISIT, "messageId": "m-1", **said})
    assert again.json == {**first.json, "duplicate": True}


@pytest.mark.parametrize(
    "said",
    [
        {"consent": False},
        {"reset": True},
        {"fingerprint": {"visitorId": "f-1", "confidence": {"score": 0.6}}},
        {"fingerprint": {"visitorId": "f-1", "confidence": 0.5, "components": {"fonts": {"value": None}}}},
        {"fingerprint": {"visitorId": "f-1", "confidence": 0.5, "metadata": {"userId": "ben"}}},
        {"fingerprint": None},
    ],
)
def test_another_visit_is_no_repeat(api: Api, said: dict[str, Any]) -> None:
    api.post(INIT, {**VISIT, "messageId": "m-1"})
    assert api.post(INIT, {**VISIT, "messageId": "m-1", **said})["code"] == "message_id_conflict"


def test_a_visit_that_is_no_reset_may_leave_that_out(api: Api) -> None:
    first = api.post(INIT, {**VISIT, "messageId": "m-1", "reset": False})
    assert api.post(INIT, {**VISIT, "messageId": "m-1"}).json == {**first.json, "duplicate": True}


def test_a_repeated_login_is_the_same_value(api: Api) -> None:
    session_id = api.init("f-1")["sessionId"]
    sent = {"sessionId": session_id, "userProperties": {"userId": "anna", "plan": None}, "messageId": "m-1"}
    first = api.post(IDENTIFY, sent)
    changed = {"sessionId": f" {session_id} ", "onBehalfOf": False, "campaign": "spring"}
    user = {"userId": "anna ", "plan": None}
    assert api.post(IDENTIFY, {**sent, **changed, "userProperties": user}).json == {**first.json, "duplicate": True}
    # Properties are kept as they were sent, so a null is a value.
    assert api.post(IDENTIFY, {**sent, "userProperties": {"userId": "anna"}})["code"] == "message_id_conflict"


@pytest.mark.parametrize("call", ["track", "identify"])
@pytest.mark.parametrize("by", ["sessionId", "anonymousId"])
def test_a_clock_of_1970_does_not_lose_what_happens_now(api: Api, graph: Graph, call: str, by: str) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    named = {"sessionId": visit["sessionId"]} if by == "sessionId" else {"anonymousId": "a-1"}
    sent = {**named, "timestamp": "1970-01-01T00:00:12.000Z"}
    answer = api.track(None, **sent) if call == "track" else api.identify(None, "anna", **sent)
    assert answer["sessionId"] == visit["sessionId"]
    assert kept(graph)["at"] == kept(graph)["received_at"]
    assert listed(api) == [("timestamp_too_early", call)]


def test_a_clock_of_1970_that_says_when_it_sent_is_corrected(api: Api) -> None:
    session = api.init("f-1")
    answer = api.track(session, timestamp="1970-01-01T00:00:12.000Z", sentAt="1970-01-01T00:00:20.000Z")
    assert answer["timestamp"] == "2026-03-04T11:59:52.000Z"
    assert listed(api) == []


def test_advice_is_given_only_where_it_helps(api: Api, clock: Any) -> None:
    session = api.init("f-1")
    clock.forward(hours=2)
    assert "begin a new one with init" in api.track(session, expect=410)["detail"]
    late = api.track(session, expect=410, timestamp="2026-03-04T13:00:00.000Z")["detail"]
    assert "init" not in late
    clock.forward(days=40)
    sent_at = clock.time.isoformat()
    older = api.track(session, expect=410, timestamp="2026-03-04T12:00:00.000Z", sentAt=sent_at)["detail"]
    assert "30 days" in older


def test_a_plus_that_a_query_string_took_for_a_blank_is_a_plus(api: Api) -> None:
    session = api.init("f-1")
    api.identify(session, "a+b@shop.example")
    visitor = session["visitorId"]
    client, headers = api.app.test_client(), {"Authorization": f"Bearer {api.keys.secret_key}"}

    def get(path: str) -> Any:
        response = client.get(f"/api/v1/{path}", headers=headers)
        return response.status_code, response.get_json()

    status, body = get(f"visitors/{visitor}/journey?from=2026-03-04T13:00:00+02:00")
    assert (status, len(body["items"])) == (200, 1)
    status, body = get(f"visitors/{visitor}/journey?from=2026-03-04T14:00:01+02:00")
    assert (status, len(body["items"])) == (200, 0)
    for unclear in ("2026-03-04+02:00", "2026-03-04T13:00:00+2"):
        status, body = get(f"visitors/{visitor}/journey?from={unclear}")
        assert (status, body["code"]) == (400, "malformed_query")
        assert "%2B" in body["errors"]["from"][0]
    status, body = get("audit?about=user:a+b@shop.example")
    assert status == 200
    assert body["items"]
    assert {item["subject"] for item in body["items"]} == {"user:a+b@shop.example"}


@pytest.mark.parametrize(
    "nobody", ["undefined", "null", "00000000-0000-0000-0000-000000000000", "[object Object]", " None "]
)
def test_an_anonymous_id_that_names_no_browser_joins_nobody(api: Api, nobody: str) -> None:
    first = api.init(anonymousId=nobody, address="203.0.113.7")
    api.identify(first, "anna")
    second = api.init(anonymousId=nobody, address="198.51.100.9", agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    assert second["visitorId"] != first["visitorId"]
    assert (second["isNewVisitor"], second["userId"]) == (True, None)
    assert second["warnings"] == ["placeholder_anonymous_id"]
    assert listed(api) == [("placeholder_anonymous_id", nobody.strip())]
    for answer in (
        api.track(None, anonymousId=nobody, expect=422),
        api.identify(None, "ben", anonymousId=nobody, expect=422),
    ):
        assert list(answer["errors"]) == ["anonymousId"]
    assert api.track(second, anonymousId=nobody)["visitorId"] == second["visitorId"]


def test_a_token_of_a_browser_of_nobody_recognises_nobody(api: Api, clock: Any) -> None:
    from app import visitor_tokens  # noqa: PLC0415 - only here

    with api.app.test_request_context():
        token = visitor_tokens.issue(api.keys.tenant_id, "caller:undefined")
    first = api.init(visitorToken=token)
    clock.forward(days=40)
    assert api.init(visitorToken=token, address="198.51.100.9")["visitorId"] != first["visitorId"]


@pytest.mark.parametrize("odd", ["an\u200bna", "\ufeffanna", "an\u00adna\u200d", "anna\u2060"])
def test_characters_without_a_width_make_no_difference_in_ids(api: Api, odd: str) -> None:
    session = api.init("f-1")
    api.identify(session, "anna")
    assert api.identify(session, odd)["userId"] == "anna"
    assert api.get("users", odd)["userId"] == "anna"


@pytest.mark.parametrize("fingerprint", [{"visitorId": ""}, {}])
def test_half_a_character_in_what_is_dropped_breaks_nothing(api: Api, fingerprint: dict[str, Any]) -> None:
    sent = {**fingerprint, "metadata": {"userId": "a\ud83d"}}
    assert api.init(sent)["warnings"] == ["field_dropped"]
    assert api.post(COLLECT, {"fingerprint": sent, "x\ud83d": 1}).status == 200


def test_the_ids_that_items_share_are_no_decoration(api: Api, graph: Graph) -> None:
    for half in ("a\ud83d", "a\ud83e"):
        [problem] = api.post(BATCH, {"anonymousId": half, "events": [{"type": "track", "eventName": "x"}]})["results"]
        assert (problem["status"], list(problem["errors"])) == (422, ["anonymousId"])
    assert graph.count("Jar") == 0
    session = api.init("f-1")["sessionId"]
    items = [{"type": "track", "eventName": "x", "sessionId": blank} for blank in (None, "", "\u200b")]
    results = api.post(BATCH, {"sessionId": session, "sentAt": 1772625600, "events": items})["results"]
    assert [result["sessionId"] for result in results] == [session] * 3


def test_what_has_no_width_is_blank(api: Api) -> None:
    assert api.init("f-1", userId="\u200b", anonymousId="\ufeff ")["warnings"] == []


def test_a_page_cannot_fill_the_list_of_warnings(api: Api) -> None:
    session = api.init("f-1")
    many = {f"\ud83d{i}": 1 for i in range(200)}
    assert api.post(TRACK, {"sessionId": session["sessionId"], "eventName": "x", **many}).status == 200
    assert listed(api) == []
    api.identify(session, "anna", properties=many)
    assert len(listed(api)) == 20


def test_gzip_of_many_parts_is_refused(api: Api) -> None:
    answer = send(
        api, INIT, gzip.compress(b"") * 1000, **{"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert (answer.status, answer["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("named", [{"anonymousId": "a-1"}, {"userId": "anna", "secret": True}])
def test_a_clock_of_1970_begins_no_session(api: Api, graph: Graph, named: dict[str, Any]) -> None:
    refused = api.track(None, timestamp="1970-01-01T00:00:12.000Z", expect=410, **named)
    assert "init" not in refused["detail"]
    assert graph.count("Session") == graph.count("User") == 0


def test_a_blank_of_a_change_is_no_null(api: Api) -> None:
    visitor = api.init("f-1")["visitorId"]
    assert list(api.change("visitors", visitor, "split", jar="", expect=422)["errors"]) == ["jar"]
