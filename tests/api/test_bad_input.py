"""Every bad request gets the status that is documented for it, and the next request works.

Each kind of input here once broke a driver, a parser or an index. docs/errors.md lists the answers.

"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world import Api, Graph

INIT, TRACK, IDENTIFY = "/eventTracking/init", "/eventTracking/track", "/eventTracking/identify"
BATCH = "/eventTracking/batch"
JSON = "application/json"


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels > 1 else []


# Bodies as they go over the wire, with the status and code of the answer. The test sends each body to every call.
RAW: dict[str, tuple[bytes, str, int, str]] = {
    "nothing": (b"", JSON, 400, "malformed_json"),
    "half a body": (b'{"sessionId": "s', JSON, 400, "malformed_json"),
    "not UTF-8": (b'{"eventName": "\xff"}', JSON, 400, "malformed_json"),
    "UTF-16": ('{"eventName": "x"}'.encode("utf-16"), JSON, 400, "malformed_json"),
    "NaN": (b'{"x": NaN}', JSON, 400, "malformed_json"),
    "Infinity": (b'{"x": [-Infinity]}', JSON, 400, "malformed_json"),
    "a raw NUL": (b'{"x": "a\x00"}', JSON, 400, "malformed_json"),
    "a key twice": (b'{"sessionId": "a", "sessionId": "b"}', JSON, 400, "malformed_json"),
    "5,000 levels": (b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", JSON, 422, "invalid_request"),
    "200,000 levels, never closed": (b'{"x":' * 200_000, JSON, 422, "invalid_request"),
    "a list": (b"[]", JSON, 422, "invalid_request"),
    "a text": (b'"x"', JSON, 422, "invalid_request"),
    "null": (b"null", JSON, 422, "invalid_request"),
    "an integer beyond a double": (b'{"x": 1' + b"0" * 309 + b"}", JSON, 422, "invalid_request"),
    "a number of a thousand digits": (b'{"x": ' + b"1" * 1000 + b"}", JSON, 422, "invalid_request"),
    "a number beyond a double": (b'{"x": 1e999}', JSON, 422, "invalid_request"),
    "256 keys": (json.dumps({f"k{i}": i for i in range(256)}).encode(), JSON, 422, "invalid_request"),
    "a form": (b"sessionId=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "XML": (b"<x/>", "text/xml", 415, "unsupported_media_type"),
    "another charset": (b"{}", "application/json; charset=latin-1", 415, "unsupported_media_type"),
}


@pytest.fixture
def client(api: Api) -> FlaskClient:
    return api.app.test_client()


@pytest.fixture
def session(api: Api) -> str:
    return str(api.init("fp-1")["sessionId"])


@pytest.fixture
def send(client: FlaskClient, api: Api) -> Callable[..., TestResponse]:
    def sent(path: str, body: bytes, kind: str = JSON, **headers: str) -> TestResponse:
        given = {"X-Write-Key": api.keys.write_key, **headers}
        return client.post(path, data=body, content_type=kind or None, headers=given)

    return sent


@pytest.mark.parametrize("path", [INIT, TRACK, IDENTIFY, BATCH])
def test_a_body_that_cannot_be_read_is_refused_and_the_next_call_works(
    path: str, send: Callable[..., TestResponse], api: Api, session: str
) -> None:
    for name, (body, kind, status, code) in RAW.items():
        response = send(path, body, kind)
        assert (response.status_code, response.get_json()["code"]) == (status, code), name
        assert response.mimetype == "application/problem+json", name
    assert api.track(session, "still here")["duplicate"] is False


@pytest.mark.parametrize(("path", "limit"), [(INIT, 1_000_000), (TRACK, 1_000_000), (BATCH, 5_000_000)])
def test_a_body_is_refused_by_its_size_before_it_is_read(
    path: str, limit: int, send: Callable[..., TestResponse], api: Api, session: str
) -> None:
    wrapped = b'{"x": "%s"}'
    full = limit - len(wrapped % b"")
    assert send(path, wrapped % (b"x" * full)).status_code != 413
    response = send(path, wrapped % (b"x" * (full + 1)))
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")
    assert str(limit) in response.get_json()["detail"]
    api.track(session, "still here")


def test_a_body_that_does_not_say_its_size_is_not_read_beyond_the_limit(client: FlaskClient, api: Api) -> None:
    class Endless:
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "it was read without a bound"
            self.read_bytes += size
            assert self.read_bytes < 2_000_000, "it was read beyond the limit"
            return b" " * size

        def readinto(self, buffer: bytearray) -> int:
            chunk = self.read(len(buffer))
            buffer[:] = chunk
            return len(chunk)

    response = client.post(
        INIT,
        headers={"X-Write-Key": api.keys.write_key, "Transfer-Encoding": "chunked"},
        content_type=JSON,
        environ_overrides={"wsgi.input": Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")


def test_a_batch_may_hold_what_may_be_sent_alone(api: Api, session: str) -> None:
    deepest = {"sessionId": session, "eventName": "deep", "properties": {"x": nested(14)}}
    assert api.post(TRACK, deepest).status == 200
    assert api.post(BATCH, {"events": [{"type": "track", **deepest}]})["results"][0]["eventName"] == "deep"
    deeper = {**deepest, "properties": {"x": nested(15)}}
    assert api.post(TRACK, deeper).status == 422
    assert api.post(BATCH, {"events": [{"type": "track", **deeper}]}).status == 422


def test_a_batch_has_at_most_500_items(api: Api, session: str) -> None:
    answer = api.post(BATCH, {"events": [{"type": "unknown"}] * 501})
    assert (answer.status, answer["code"], list(answer["errors"])) == (422, "invalid_request", ["events"])
    assert len(api.post(BATCH, {"events": [{"type": "unknown"}] * 500})["results"]) == 500


@pytest.mark.parametrize("bad", [None, 7, "track", [], [{"type": "track"}]])
def test_an_item_of_a_batch_that_is_no_object_fails_alone(api: Api, session: str, bad: Any) -> None:
    track = {"type": "track", "sessionId": session, "eventName": "click"}
    first, problem, last = api.post(BATCH, {"events": [track, bad, track]})["results"]
    assert (problem["status"], problem["code"]) == (422, "invalid_request")
    assert problem["errors"] == {"_schema": ['Each item is an object, such as {"type": "track", …}.']}
    assert (first["eventName"], last["eventName"]) == ("click", "click")


IDS = {
    "257 characters": "x" * 257,
    "a megabyte": "x" * 900_000,
    "NUL": "a\x00b",
    "a number with a fraction": 1.0,
    "true": True,
    "a list": ["u1"],
    "a map": {"id": "u1"},
}


@pytest.mark.parametrize("bad", IDS.values(), ids=IDS.keys())
def test_an_id_that_no_graph_can_keep_is_refused_by_its_field(api: Api, session: str, graph: Graph, bad: Any) -> None:
    before = graph.rows("MATCH (n) RETURN count(n) AS n")
    for answer, field in (
        (api.identify(session, bad, expect=422), "userProperties"),
        (api.track(session, messageId=bad, expect=422), "messageId"),
        (api.track(None, sessionId=bad, expect=422), "sessionId"),
        (api.init(anonymousId=bad, expect=422), "anonymousId"),
        (api.init({"visitorId": bad}, expect=422), "fingerprint"),
    ):
        assert (answer["code"], list(answer["errors"])) == ("invalid_request", [field])
    assert graph.rows("MATCH (n) RETURN count(n) AS n") == before
    assert api.identify(session, "u1")["userId"] == "u1"


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "no name": ("eventName", {"eventName": None}),
    "a blank name": ("eventName", {"eventName": " "}),
    "a name of 257 characters": ("eventName", {"eventName": "x" * 257}),
    "a name with NUL": ("eventName", {"eventName": "a\x00"}),
    "a name that is a number": ("eventName", {"eventName": 5}),
}


@pytest.mark.parametrize(("field", "sent"), FIELDS.values(), ids=FIELDS.keys())
def test_a_field_that_breaks_the_schema_is_named(api: Api, session: str, field: str, sent: dict[str, Any]) -> None:
    answer = api.post(TRACK, {"sessionId": session, "eventName": "click", **sent})
    assert (answer.status, answer["code"], list(answer["errors"])) == (422, "invalid_request", [field])
    api.track(session, "still here")


@pytest.mark.parametrize("blank", ["  \t", "", None])
def test_an_id_that_is_needed_may_not_be_blank(api: Api, session: str, blank: Any) -> None:
    for answer, field in (
        (api.identify(session, blank, expect=422), "userProperties"),
        (api.track(None, sessionId=blank, expect=422), "sessionId"),
    ):
        assert (answer["code"], list(answer["errors"])) == ("invalid_request", [field])


@pytest.mark.parametrize("number", [5, 1.5])
def test_only_a_user_s_id_may_be_a_number(api: Api, session: str, number: Any) -> None:
    for answer, field in (
        (api.track(session, messageId=number, expect=422), "messageId"),
        (api.track(None, sessionId=number, expect=422), "sessionId"),
        (api.init(anonymousId=number, expect=422), "anonymousId"),
        (api.init({"visitorId": number}, expect=422), "fingerprint"),
    ):
        assert (answer["code"], list(answer["errors"])) == ("invalid_request", [field])


def test_fields_that_nobody_knows_are_ignored(api: Api, session: str) -> None:
    assert api.track(session, tomorrow={"x": 1}, page={"url": "https://shop.example/", "scroll": 3}).status == 200


@pytest.mark.parametrize(
    "kept",
    [
        {"text": "\x00 in a text that is only kept"},
        {"composed": "é", "taken apart": "e\u0301"},
        {"one": 1, "one point nothing": 1.0},
        {"largest": 2**63 - 1, "smallest": -(2**63), "tiny": 5e-324, "minus nothing": -0.0},
        {"long": "x" * 32_000},
        {"😀": "😀", "": "an empty key", "a.b$c": None},
    ],
    ids=["NUL", "two forms of one letter", "two kinds of number", "extremes", "long", "keys"],
)
def test_properties_come_back_as_they_were_sent(api: Api, session: str, kept: dict[str, Any]) -> None:
    api.track(session, properties=kept)
    visitor = api.get("sessions", session)["visitorId"]
    [event] = api.pages("visitors", visitor, "journey")
    assert json.dumps(event["properties"], sort_keys=True) == json.dumps(kept, sort_keys=True)


def test_one_letter_in_two_forms_names_one_user(api: Api, session: str) -> None:
    assert api.identify(session, "Ren\u00e9")["userId"] == "René"
    assert api.identify(session, " Rene\u0301 ")["userId"] == "René"


def test_a_user_id_of_digits_is_a_text_and_keeps_all_of_them(api: Api) -> None:
    for digits in ("9007199254740993", "9007199254740992", "18446744073709551617", "007"):
        assert api.identify(api.init(reset=True), digits)["userId"] == digits


@pytest.mark.parametrize("token", [None, "", "junk", "x" * 100_000, "é", "\x00", 5, [], {}, "a.b.c", "eyJh.eyJi.sig"])
def test_a_bad_visitor_token_is_ignored(api: Api, token: Any) -> None:
    assert api.init("fp-1", visitorToken=token)["isNewVisitor"] is True


QUERIES = {
    "a limit of none": ("limit=0", 400),
    "a negative limit": ("limit=-1", 400),
    "a limit beyond the largest": ("limit=1001", 400),
    "a limit of 64 bits and more": ("limit=99999999999999999999", 400),
    "a limit that is no number": ("limit=ten", 400),
    "a bound that is NaN": ("minConfidence=nan", 400),
    "a bound that is infinite": ("minConfidence=inf", 400),
    "a bound above the highest": ("minConfidence=1.01", 400),
    "a negative bound": ("minConfidence=-0.1", 400),
    "a time that is none": ("from=yesterday", 400),
    "a cursor that is junk": ("cursor=!!!", 400),
    "a cursor of something else": ("cursor=W10=", 400),
    "a cursor of the wrong kind": ("cursor=WzEsMl0=", 400),
    "what is not UTF-8": ("limit=%ff", 400),
    "what nobody knows": ("tomorrow=1", 200),
}


@pytest.mark.parametrize(("query", "status"), QUERIES.values(), ids=QUERIES.keys())
def test_a_query_out_of_range_is_refused(api: Api, client: FlaskClient, query: str, status: int) -> None:
    visitor = api.init("fp-1")["visitorId"]
    headers = {"Authorization": f"Bearer {api.keys.secret_key}"}
    response = client.get(f"/api/v1/visitors/{visitor}/journey?{query}", headers=headers)
    assert response.status_code == status
    assert response.get_json().get("code") == (None if status == 200 else "malformed_query")
    api.get("visitors", visitor)


STRANGE = [
    "a/b",
    "//",
    "50%",
    "%2F",
    "a?b#c",
    "é",
    "😀",
    "' OR 1=1 //",
    "}) DETACH DELETE n //",
    "$1.50",
    "`",
    '"',
    "\\",
]


@pytest.mark.parametrize("user_id", STRANGE)
def test_an_id_of_any_characters_is_found_again_by_its_path(api: Api, session: str, user_id: str) -> None:
    visitor = api.identify(session, user_id)["visitorId"]
    assert api.get("users", user_id)["userId"] == user_id
    assert [item["visitorId"] for item in api.pages("users", user_id, "visitors")] == [visitor]
    assert api.get("users", user_id, "visitors", visitor)["userId"] == user_id
    assert [event["eventName"] for event in api.pages("users", user_id, "journey")]


@pytest.mark.parametrize(
    "path_id",
    ["x" * 257, "x" * 2000, "%00", " ", "%20", "%ff"],
    ids=["257", "2000", "NUL", "blank", "space", "not UTF-8"],
)
def test_an_id_in_a_path_that_can_be_nobody_s_is_refused_or_not_found(
    api: Api, client: FlaskClient, path_id: str
) -> None:
    headers = {"Authorization": f"Bearer {api.keys.secret_key}"}
    for path in ("users/{}", "visitors/{}", "sessions/{}", "identities/{}", "users/{}/visitors", "visitors/{}/journey"):
        response = client.get(f"/api/v1/{path.format(path_id)}", headers=headers)
        assert response.status_code in {400, 404, 422} or path == "users/{}/visitors", path
        assert response.status_code < 500, path
    api.init("fp-1")


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "x" * 8000},
        {"User-Agent": ""},
        {"User-Agent": "\xff\xfe"},
        {"X-Forwarded-For": "x" * 8000},
        {"X-Forwarded-For": "1.2.3.4, " * 500 + "junk"},
        {"X-Forwarded-For": "::ffff:999.1.1.1"},
        {"Sec-CH-UA": '"' * 5000},
        {"X-Request-ID": "x" * 5000},
        {"X-Tenant-ID": "shop", "Origin": "not an origin"},
        {"Content-Encoding": "identity"},
        {"Expect": "nothing"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_odd_headers_break_nothing(api: Api, headers: dict[str, str]) -> None:
    assert api.post(INIT, {}, headers=headers).status == 200
