"""The service logs one JSON line a request: enough to find an error, and never a person or an id."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import logs
from tests.world import Api

USER, EMAIL, ADDRESS = "user-4711", "alice@example.com", "203.0.113.77"


class Written:
    """The log lines since the test began."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == "whograph.requests"]


@pytest.fixture
def written() -> Iterator[Written]:
    """All log lines at the lowest level; the driver keeps the level of `logs.configuration`."""
    found = Written()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(logs.JsonFormatter())
    root, driver = logging.getLogger(), logging.getLogger("neo4j")
    levels = root.level, driver.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    driver.setLevel(logs.configuration("DEBUG")["loggers"]["neo4j"]["level"])
    yield found
    root.removeHandler(handler)
    root.setLevel(levels[0])
    driver.setLevel(levels[1])


def test_a_request_is_one_line_by_its_route(written: Written, api: Api) -> None:
    api.get("users", "nobody", expect=404)
    [line] = written.requests()
    assert {name: line[name] for name in ("level", "message", "route", "method", "status", "tenant")} == {
        "level": "INFO",
        "message": "answered",
        "route": "/api/v1/users/<user_id>",
        "method": "GET",
        "status": 404,
        "tenant": "shop",
    }
    assert line["milliseconds"] > 0
    assert len(line["keyId"]) == 12


def test_nothing_that_names_a_person_or_opens_a_door_is_logged(written: Written, api: Api) -> None:
    page = {"url": f"https://shop.example/?mail={EMAIL}", "referrer": "https://search.example/?q=secret-wish"}
    begun = api.init("fp-4711", address=ADDRESS, page=page, userId=USER, anonymousId="anon-4711")
    api.init(visitorToken=begun["visitorToken"], address=ADDRESS)
    api.track(begun, "bought", properties={"email": EMAIL}, address=ADDRESS)
    api.identify(begun, USER, properties={"email": EMAIL}, address=ADDRESS)
    api.identify(begun, USER, userHash="0" * 64, address=ADDRESS, expect=403)
    api.get("users", USER, "journey", minConfidence=0.5)
    api.get("users", EMAIL, expect=404)
    api.post(f"/eventTracking/{EMAIL}?mail={EMAIL}", {}, address=ADDRESS)
    api.post("/eventTracking/track", {"sessionId": begun["sessionId"], "eventName": [EMAIL]}, address=ADDRESS)
    assert len(written.requests()) == 9
    for name, value in {
        "user id": USER,
        "email": EMAIL,
        "address": ADDRESS,
        "page": "shop.example",
        "referrer": "secret-wish",
        "fingerprint": "fp-4711",
        "caller's id": "anon-4711",
        "session": begun["sessionId"],
        "visitor": begun["visitorId"],
        "token": begun["visitorToken"],
        "write key": api.keys.write_key,
        "secret key": api.keys.secret_key,
        "query": "minConfidence",
    }.items():
        assert value not in written.text, f"the {name} is logged"


def test_a_bug_is_logged_by_where_it_came_through_and_not_by_what_it_says(
    written: Written, app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody: dict[str, str] = {}

    def break_down() -> str:
        try:
            return nobody[EMAIL]
        except KeyError as error:
            raise RuntimeError(f"{USER} is too much") from error

    monkeypatch.setitem(app.view_functions, "health.get_live", break_down)
    response = app.test_client().get("/health/live", headers={"X-Request-ID": "trace-1"})
    assert (response.status_code, response.get_json()["requestId"]) == (500, "trace-1")
    [line] = [line for line in written.lines if line["logger"] == "whograph.errors"]
    assert (line["level"], line["requestId"]) == ("ERROR", "trace-1")
    assert [link["type"] for link in line["exception"]] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert line["exception"][0]["at"][-1].startswith("tests/api/test_logs.py:")
    for value in (EMAIL, USER):
        assert value not in written.text
        assert value not in response.get_data(as_text=True)


def test_an_address_is_logged_by_a_name_that_only_tells_it_from_others(written: Written, api: Api) -> None:
    api.init("fp-1", address=ADDRESS)
    api.init("fp-2", address=f"6.6.6.6, {ADDRESS}")
    api.init("fp-3", address="203.0.113.78")
    names = [line["address"] for line in written.requests()]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize("sent", ["trace-1", "4bf92f3577b34da6a3ce929d0e0e4736", "a.b_c-D"])
def test_a_request_keeps_the_id_it_comes_with(written: Written, api: Api, sent: str) -> None:
    answer = api.post("/eventTracking/init", {}, headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] == sent
    assert [line["requestId"] for line in written.requests()] == [sent]


@pytest.mark.parametrize("sent", ["", "a b", 'x","level":"ERROR', "\u2028", "x" * 129, EMAIL])
def test_an_id_that_could_carry_anything_is_replaced(written: Written, api: Api, sent: str) -> None:
    answer = api.post("/eventTracking/init", {}, headers={"X-Request-ID": sent.encode().decode("latin-1")})
    given = answer.headers["X-Request-ID"]
    assert len(given) == 32
    assert [line["requestId"] for line in written.requests()] == [given]
    assert sent == "" or sent not in written.text


def test_two_requests_without_an_id_have_two(api: Api) -> None:
    assert api.init("fp-1").headers["X-Request-ID"] != api.init("fp-1").headers["X-Request-ID"]


def test_every_line_is_json_whatever_a_library_writes(written: Written) -> None:
    logging.getLogger("some.library").warning('several\nlines, "quotes" and %s', "é\u2028")
    [line] = written.lines
    assert line["message"] == 'several\nlines, "quotes" and é\u2028'
    assert len(written.text.splitlines()) == 1


def test_gunicorn_s_own_log_of_paths_is_off() -> None:
    configured = logs.configuration("DEBUG")["loggers"]
    assert configured["gunicorn.access"] == {"level": "CRITICAL", "handlers": [], "propagate": False}
