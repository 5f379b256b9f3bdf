"""Calls above the limit of an address or a key are refused. Each has its own count, and the refusal says when to retry."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import key_ring
from app.config import BadSettings, Settings
from app.factory import create_app
from app.rate_limits import LOOK_UPS, RateLimits
from graph.acts import tenants
from graph.acts.tenants import TenantKeys
from graph.database import Database
from tests.api.test_metrics import Metrics
from tests.world import Answer, Api, Clock

#: The tests wait for nothing: the window is a day, so that counted calls count until the end of a test.
PER_ADDRESS = "3/day"
PER_KEY = "5/day"


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> Flask:
    """A service whose limits a few calls reach."""
    low = replace(settings, rate_limit_per_address=PER_ADDRESS, rate_limit_per_key=PER_KEY)
    return create_app(low, database, clock=clock)


@pytest.fixture
def call(api: Api) -> Callable[..., Answer]:
    """Make a call that is cheap to answer, with the write key by default."""

    def post(address: str = "203.0.113.7", *, secret: bool = False) -> Answer:
        return api.post(
            "/eventTracking/track", {"eventName": "click", "sessionId": "none"}, address=address, secret=secret
        )

    return post


def test_more_calls_than_an_address_may_make_are_refused(call: Callable[..., Answer]) -> None:
    assert [call().status for _ in range(4)] == [404, 404, 404, 429]
    assert call("203.0.113.8").status == 404


def test_a_refused_call_is_told_why_and_when_to_come_again(call: Callable[..., Answer]) -> None:
    *_, refused = [call() for _ in range(4)]
    assert (refused["code"], refused["status"]) == ("too_many_requests", 429)
    assert "address" in refused["detail"]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 60 * 60


def test_one_household_has_one_ipv6_address(call: Callable[..., Answer]) -> None:
    same = [call(f"2001:db8:1:2::{host}").status for host in ("1", "2", "3", "4")]
    assert same == [404, 404, 404, 429]
    assert call("2001:db8:1:3::1").status == 404


def test_more_calls_than_a_key_may_make_are_refused_wherever_they_come_from(call: Callable[..., Answer]) -> None:
    answers = [call(f"203.0.113.{number}") for number in range(6)]
    assert [answer.status for answer in answers] == [404] * 5 + [429]
    assert "key" in answers[-1]["detail"]


def test_a_server_has_no_limit_of_its_address(call: Callable[..., Answer]) -> None:
    assert [call(secret=True).status for _ in range(6)] == [404] * 5 + [429]
    assert call().status == 404


def test_a_server_at_the_address_of_a_flood_gets_its_answers_also_where_its_key_is_not_cached(
    app: Flask, call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)
    assert [call().status for _ in range(4)][-1] == 429
    assert call(secret=True).status == 404
    for number in range(LOOK_UPS.amount + 1):
        guess = {"Authorization": f"Bearer sk_{number}", "X-Forwarded-For": "203.0.113.7"}
        assert app.test_client().get("/api/v1/users/u", headers=guess).status_code == 429
    assert call(secret=True).status == 404


def test_a_key_that_was_revoked_counts_as_none(
    app: Flask, api: Api, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)
    monkeypatch.setattr(key_ring, "UNKNOWN_SECONDS", 0.0)
    key_id, key = tenants.add_key(database, "shop", "secret", now=clock())
    second = Api(app, TenantKeys("shop", api.keys.write_key, key, ""))
    second.get("users", "nobody", expect=404)
    tenants.revoke_key(database, "shop", key_id, now=clock())
    statuses = []
    for _ in range(5):
        answer = app.test_client().get("/api/v1/users/nobody", headers={"Authorization": f"Bearer {key}"})
        statuses.append(answer.status_code)
    # The first call of all counts, too: the key was not known before it.
    assert statuses == [401, 401, 429, 429, 429]


def test_who_shows_no_key_is_counted_before_anything_is_read(app: Flask) -> None:
    """Else a body of megabytes could be posted without end."""
    client = app.test_client()
    sent: dict[str, Any] = {"data": b"{", "content_type": "application/json"}
    answers = [client.post("/eventTracking/track", **sent).status_code for _ in range(5)]
    assert answers == [400, 400, 400, 429, 429]
    assert client.get("/api/v1/users/anna").status_code == 429


def test_reads_count_too(api: Api) -> None:
    for _ in range(5):
        api.get("users", "nobody", expect=404)
    assert api.get("users", "nobody", expect=429)["code"] == "too_many_requests"


def test_another_tenants_calls_are_not_refused(call: Callable[..., Answer], other_api: Api) -> None:
    for number in range(6):
        call(f"203.0.113.{number}")
    other_api.init("f-1", address="203.0.113.9")
    other_api.get("users", "nobody", expect=404)


def test_a_second_key_of_a_tenant_has_a_limit_of_its_own(
    app: Flask, api: Api, database: Database, clock: Clock
) -> None:
    _, key = tenants.add_key(database, "shop", "secret", now=clock())
    for _ in range(6):
        api.post("/eventTracking/track", {}, secret=True)
    second = Api(app, TenantKeys("shop", api.keys.write_key, key, ""))
    second.get("users", "nobody", expect=404)


def test_who_guesses_keys_is_counted(app: Flask) -> None:
    guesses = [
        app.test_client().get("/api/v1/users/u", headers={"Authorization": f"Bearer sk_{number}"}).status_code
        for number in range(4)
    ]
    assert guesses == [401, 401, 401, 429]


def test_a_page_can_read_the_refusal(app: Flask, api: Api) -> None:
    headers = {"Origin": "https://shop.example"}
    *_, refused = [api.post("/eventTracking/init", {}, headers=headers) for _ in range(4)]
    assert refused.status == 429
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]


def test_preflights_probes_and_pages_are_not_counted(app: Flask, call: Callable[..., Answer]) -> None:
    client = app.test_client()
    preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    for _ in range(6):
        assert client.options("/eventTracking/init", headers=preflight).status_code == 204
        assert client.get("/health/ready").status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.get("/openapi.json").status_code == 200
    assert call(address="127.0.0.1").status == 404


def test_refusals_are_counted_by_their_code(api: Api, call: Callable[..., Answer]) -> None:
    moved = Metrics(api)
    for _ in range(5):
        call()
    assert moved("whograph_problems_total", code="too_many_requests") == 2


def test_the_shortest_window_that_is_full_says_when_to_come_again(settings: Settings) -> None:
    limits = RateLimits(replace(settings, rate_limit_per_key="3/day, 1/hour"), "k" * 32)
    assert limits.count_key("shop", "key") is None
    refused = [limits.count_key("shop", "key") for _ in range(3)]
    assert all(seconds is not None and 0 < seconds <= 3600 for seconds in refused)


def test_a_store_that_does_not_answer_leaves_each_process_to_count_for_itself(settings: Settings) -> None:
    gone = "redis://127.0.0.1:1/0?socket_timeout=1"
    limits = RateLimits(replace(settings, rate_limit_per_key="2/day", rate_limit_storage_uri=gone), "k" * 32)
    waits = [limits.count_key("shop", "key") for _ in range(3)]
    assert waits[:2] == [None, None]
    assert waits[2] is not None


def test_a_store_there_is_no_client_for_stops_the_start(settings: Settings) -> None:
    with pytest.raises(BadSettings, match="RATE_LIMIT_STORAGE_URI"):
        RateLimits(replace(settings, rate_limit_storage_uri="carrier-pigeon://loft"), "k" * 32)


def batch(api: Api, items: int, *, secret: bool = False, address: str = "203.0.113.7") -> Answer:
    events = [{"type": "track", "eventName": "click", "sessionId": "none"}] * items
    return api.post("/eventTracking/batch", {"events": events}, secret=secret, address=address)


def test_each_item_of_a_batch_counts_as_a_call(api: Api, call: Callable[..., Answer]) -> None:
    assert batch(api, 3).status == 200
    assert call().status == 429


def test_a_batch_may_go_beyond_the_limit_and_what_follows_waits(api: Api, call: Callable[..., Answer]) -> None:
    """Else a batch with more items than a window has calls could never be sent."""
    assert batch(api, 4).status == 200
    assert call().status == 429
    assert batch(api, 1, address="203.0.113.8").status == 200


def test_a_batch_that_comes_when_the_limit_is_reached_is_refused_as_a_whole(
    api: Api, call: Callable[..., Answer]
) -> None:
    for _ in range(2):
        call()
    refused = batch(api, 2)
    assert (refused.status, refused["code"]) == (429, "too_many_requests")
    assert "item" in refused["detail"]
    assert "Retry-After" in refused.headers


def test_the_items_of_a_server_count_against_its_key(api: Api, call: Callable[..., Answer]) -> None:
    relationships = [{"userId": "anna", "visitorId": "v"}] * 5
    assert api.post("/api/v1/relationships/batch", {"relationships": relationships}, secret=True).status == 200
    assert call(secret=True).status == 429
    assert call().status == 404


@pytest.mark.parametrize("is_packed", [False, True])
def test_bytes_count_before_they_are_parsed_and_once_they_are_unpacked(
    settings: Settings, tenant: TenantKeys, database: Database, clock: Clock, *, is_packed: bool
) -> None:
    low = replace(settings, rate_limit_bytes_per_address="1000/day", rate_limit_bytes_per_key="1000/day")
    api = Api(create_app(low, database, clock=clock), tenant)
    client = api.app.test_client()

    def send(key: dict[str, str]) -> int:
        long = b"{" + b" " * 1000
        headers = {**key, "X-Forwarded-For": "203.0.113.7", "Content-Type": "application/json"}
        if is_packed:
            long, headers = gzip.compress(long), {**headers, "Content-Encoding": "gzip"}
        return client.post("/eventTracking/track", data=long, headers=headers).status_code

    page, server = {"X-Write-Key": tenant.write_key}, {"Authorization": f"Bearer {tenant.secret_key}"}
    api.init("f-1", secret=True)
    assert [send(page), send(page)] == [400, 429]
    assert [send(server), send(server)] == [400, 429]
