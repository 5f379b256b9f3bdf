"""Which key opens which call."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.key_ring import KNOWN_SECONDS, UNKNOWN_SECONDS, KeyRing
from graph import queries
from graph.acts import tenants
from graph.acts.tenants import TenantKeys
from graph.database import Database
from graph.store import tenants as store
from tests.world import Api, Clock, Graph

INIT, READ = "/eventTracking/init", "/api/v1/users/nobody"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def basic(user: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def code(response: TestResponse) -> tuple[int, str | None]:
    return response.status_code, (response.get_json() or {}).get("code")


def test_a_write_key_is_taken_from_a_header_the_body_or_as_user_name(client: FlaskClient, tenant: TenantKeys) -> None:
    key = tenant.write_key
    ways: tuple[dict[str, Any], ...] = (
        {"json": {}, "headers": {"X-Write-Key": key}},
        {"json": {"writeKey": key}},
        {"json": {}, "headers": {"Authorization": basic(key)}},
    )
    for sent in ways:
        assert client.post(INIT, **sent).status_code == 200


def test_without_a_key_there_is_no_answer(client: FlaskClient, tenant: TenantKeys) -> None:
    for response in (
        client.post(INIT, json={}),
        client.post(INIT, json={"writeKey": None}),
        client.post(INIT, json={"writeKey": 5}),
        client.post(INIT, json={}, headers={"Authorization": "Basic %%%"}),
        client.post(INIT, json={}, headers={"Authorization": basic("")}),
        client.get(READ),
        client.get(READ, headers={"Authorization": "Bearer "}),
        client.get(READ, headers={"Authorization": tenant.secret_key}),
    ):
        assert code(response) == (401, "unauthenticated")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_key_opens_nothing(client: FlaskClient, tenant: TenantKeys) -> None:
    unknown = "wk_" + "x" * 32
    for response in (
        client.post(INIT, json={}, headers={"X-Write-Key": unknown}),
        client.post(INIT, json={"writeKey": "é\x00\n"}),
        client.post(INIT, json={}, headers={"X-Write-Key": tenant.write_key[:-1]}),
        client.get(READ, headers={"Authorization": "Bearer " + "s" * 4000}),
    ):
        assert code(response) == (401, "unauthenticated")


def test_a_write_key_reads_nothing(client: FlaskClient, tenant: TenantKeys) -> None:
    key = tenant.write_key
    for headers in ({"X-Write-Key": key}, {"Authorization": basic(key)}, {"Authorization": f"Bearer {key}"}):
        assert code(client.get(READ, headers=headers)) == (403, "wrong_kind_of_key")


def test_a_secret_key_reads_and_calls_for_pages(client: FlaskClient, tenant: TenantKeys) -> None:
    headers = {"Authorization": f"Bearer {tenant.secret_key}"}
    assert code(client.get(READ, headers=headers)) == (404, "user_not_found")
    assert client.post(INIT, json={}, headers=headers).status_code == 200


def test_a_secret_key_is_not_taken_where_a_page_would_show_it(client: FlaskClient, tenant: TenantKeys) -> None:
    key = tenant.secret_key
    for response in (
        client.post(INIT, json={"writeKey": key}),
        client.post(INIT, json={}, headers={"X-Write-Key": key}),
        client.get(READ, headers={"Authorization": basic(key)}),
    ):
        assert code(response) == (401, "unauthenticated")


@pytest.mark.parametrize("where", ["body", "header"])
def test_a_tenant_that_is_named_has_to_be_the_key_s(
    client: FlaskClient, tenant: TenantKeys, other_api: Api, where: str
) -> None:
    def init(name: str) -> TestResponse:
        return client.post(
            INIT,
            json={"writeKey": tenant.write_key, **({"tenantId": name} if where == "body" else {})},
            headers={"X-Tenant-ID": name} if where == "header" else {},
        )

    assert code(init("shop")) == (200, None)
    for name in ("rival", "Shop", "nobody"):
        assert code(init(name)) == (403, "wrong_tenant")


def test_a_read_that_names_another_tenant_is_refused(client: FlaskClient, tenant: TenantKeys, other_api: Api) -> None:
    headers = {"Authorization": f"Bearer {tenant.secret_key}", "X-Tenant-ID": "rival"}
    assert code(client.get(READ, headers=headers)) == (403, "wrong_tenant")


def test_an_unknown_path_and_a_wrong_method_come_before_the_key(client: FlaskClient) -> None:
    assert code(client.get("/api/v1/unknown")) == (404, "not_found")
    assert code(client.post("/eventTracking/unknown", json={})) == (404, "not_found")
    wrong = client.get(INIT)
    assert code(wrong) == (405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_key_comes_before_what_is_wrong_with_the_body(client: FlaskClient, tenant: TenantKeys) -> None:
    broken: dict[str, Any] = {"data": b"{", "content_type": "application/json"}
    assert code(client.post(INIT, **broken, headers={"X-Write-Key": "wk_unknown"})) == (401, "unauthenticated")
    assert code(client.post(INIT, **broken, headers={"X-Write-Key": tenant.write_key})) == (400, "malformed_json")


def test_answers_that_name_persons_are_kept_by_no_cache(api: Api) -> None:
    assert api.init("fp-1").headers["Cache-Control"] == "no-store"
    assert api.init("fp-1").headers["X-Content-Type-Options"] == "nosniff"


def test_no_answer_is_shown_within_another_page_or_loads_anything_there(api: Api, client: FlaskClient) -> None:
    policy = "default-src 'none'; frame-ancestors 'none'"
    for answer in (api.init("fp-1").headers, client.get("/nowhere").headers, client.get("/health/live").headers):
        assert answer["Content-Security-Policy"] == policy
    for page in ("/", "/docs/", "/docs/errors", "/explore/"):
        shown = client.get(page).headers["Content-Security-Policy"]
        assert shown.endswith("; frame-ancestors 'none'")


class Timer:
    """A timer whose seconds pass only when the test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def ring(database: Database, clock: Clock, timer: Timer) -> KeyRing:
    return KeyRing(database, clock, timer=timer)


def test_a_revoked_key_opens_nothing_within_ten_seconds(
    ring: KeyRing, timer: Timer, tenant: TenantKeys, database: Database, clock: Clock
) -> None:
    found = ring.find(tenant.write_key)
    assert found is not None
    tenants.revoke_key(database, "shop", found.key_id, now=clock())
    timer.seconds = KNOWN_SECONDS - 0.1
    assert ring.find(tenant.write_key) == found
    timer.seconds = KNOWN_SECONDS + 0.1
    assert ring.find(tenant.write_key) is None


def test_a_key_that_was_tried_too_soon_opens_within_two_seconds(
    ring: KeyRing, timer: Timer, tenant: TenantKeys, database: Database, clock: Clock
) -> None:
    assert ring.find("wk_soon") is None
    soon: dict[str, Any] = {
        "key_id": "soon",
        "key_hash": tenants.key_hash("wk_soon"),
        "kind": "write",
        "created_at": clock(),
    }
    database.of(tenant.tenant_id).write(store.add_key, **soon)
    timer.seconds = UNKNOWN_SECONDS - 0.1
    assert ring.find("wk_soon") is None
    timer.seconds = UNKNOWN_SECONDS + 0.1
    assert ring.find("wk_soon") is not None


def test_what_a_tenant_has_set_goes_with_its_key(database: Database, tenant: TenantKeys, ring: KeyRing) -> None:
    tenants.configure(database, "shop", {"allowed_origins": ("https://shop.example",)}, {"session_idle_minutes": 5.0})
    found = ring.find(tenant.write_key)
    assert found is not None
    assert (found.settings.allowed_origins, found.policy.session_idle_minutes) == (("https://shop.example",), 5.0)


def used_at(database: Database, kind: str) -> datetime | None:
    [key] = [key for key in tenants.keys(database, "shop") if key.kind == kind]
    return key.last_used_at


def test_a_call_notes_in_which_hour_its_key_was_used(api: Api, database: Database, clock: Clock) -> None:
    clock.forward(minutes=59)
    api.init("fp-1")
    assert used_at(database, "write") == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert used_at(database, "secret") is None
    api.get("users", "nobody", expect=404)
    assert used_at(database, "secret") == datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_a_key_costs_one_write_an_hour_however_many_calls_and_processes_use_it(
    tenant: TenantKeys, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(queries, "observe", lambda name, _seconds: ran.append(name))
    timer = Timer()
    rings = [KeyRing(database, clock, timer=timer) for _ in range(3)]
    for hour in range(2):
        for _ in range(20):
            for ring in rings:
                assert ring.find(tenant.write_key) is not None
            timer.seconds += KNOWN_SECONDS + 0.1
            clock.forward(minutes=1)
        assert ran.count("tenants/note_use") == hour + 1
        clock.forward(minutes=40)
    assert used_at(database, "write") == datetime(2026, 3, 4, 13, tzinfo=UTC)


def test_a_clock_that_is_behind_takes_no_later_hour_back(
    ring: KeyRing, timer: Timer, tenant: TenantKeys, database: Database, clock: Clock
) -> None:
    ring.find(tenant.write_key)
    timer.seconds += KNOWN_SECONDS + 0.1
    clock.forward(hours=-2)
    ring.find(tenant.write_key)
    assert used_at(database, "write") == datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_a_call_goes_on_whose_key_s_use_cannot_be_noted(
    ring: KeyRing, tenant: TenantKeys, graph: Graph, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenants, "NOTE_SECONDS", 0.1)
    with graph.driver.session() as session, session.begin_transaction() as other:
        other.run("MATCH (key:ApiKey) SET key.kind = key.kind").consume()
        assert ring.find(tenant.write_key) is not None
        other.rollback()
    assert "was not noted" in caplog.text


def test_no_key_is_kept_in_clear(api: Api, graph: Graph) -> None:
    api.init("fp-1")
    stored = str(graph.rows("MATCH (n) RETURN properties(n) AS properties"))
    assert api.keys.tenant_id in stored
    for secret in (api.keys.write_key, api.keys.secret_key, api.keys.signing_secret):
        assert secret not in stored
