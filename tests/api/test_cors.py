"""Which pages may call the service, and which headers their browsers get."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from graph.acts import tenants
from graph.acts.tenants import TenantKeys
from graph.database import Database
from tests.world import Api

SHOP, EVIL = "https://shop.example", "https://evil.example"
NO_URLS = ("https://[", "https://[x]", "http://a]", "null", "")
CALLS = ("/eventTracking/init", "/eventTracking/track", "/eventTracking/identify", "/eventTracking/batch")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def listed(database: Database, tenant: TenantKeys) -> TenantKeys:
    """A tenant that lists one origin for its pages."""
    tenants.configure(database, tenant.tenant_id, {"allowed_origins": (SHOP,)}, {})
    return tenant


def preflight(client: FlaskClient, path: str, origin: str = SHOP) -> TestResponse:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-write-key"}
    return client.options(path, headers={"Origin": origin, **asked})


def init(client: FlaskClient, tenant: TenantKeys, **headers: str) -> TestResponse:
    return client.post("/eventTracking/init", json={}, headers={"X-Write-Key": tenant.write_key, **headers})


def of_cors(headers: Headers) -> set[str]:
    return {name for name in headers.keys() if name.startswith("Access-Control-")}  # noqa: SIM118 - not a mapping


@pytest.mark.parametrize("path", CALLS)
def test_a_preflight_of_the_sdk_s_calls_needs_no_key(client: FlaskClient, path: str) -> None:
    response = preflight(client, path)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    allowed = response.headers["Access-Control-Allow-Headers"].lower().split(", ")
    # `*` would not stand for Authorization: https://fetch.spec.whatwg.org/#http-access-control-allow-headers
    assert {"content-type", "x-write-key", "x-tenant-id", "authorization"} <= set(allowed)
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_page_can_read_its_answer_and_why_there_is_none(client: FlaskClient, tenant: TenantKeys) -> None:
    for response in (
        init(client, tenant, Origin=SHOP),
        client.post("/eventTracking/init", json={}, headers={"Origin": SHOP}),
        client.post("/eventTracking/unknown", json={}, headers={"Origin": SHOP}),
        client.post("/eventTracking/init", data=b"{", content_type="application/json", headers={"Origin": SHOP}),
    ):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "X-Request-ID" in response.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_page_of_an_origin_that_is_not_listed_changes_nothing(
    client: FlaskClient, listed: TenantKeys, api: Api
) -> None:
    for origin in (
        EVIL,
        "http://shop.example",
        "https://shop.example.evil.example",
        "https://shop.example:444",
        "null",
    ):
        response = init(client, listed, Origin=origin)
        assert (response.status_code, response.get_json()["code"]) == (403, "origin_forbidden")
        assert of_cors(response.headers) == set()
    assert init(client, listed, Origin=SHOP).status_code == 200
    assert api.init("fp-1")["isNewVisitor"] is True


def test_a_page_of_the_service_itself_and_what_is_no_page_need_not_be_listed(
    client: FlaskClient, listed: TenantKeys
) -> None:
    assert init(client, listed).status_code == 200
    assert init(client, listed, Origin="http://localhost").status_code == 200


def test_a_server_is_not_judged_by_an_origin_it_passes_on(client: FlaskClient, listed: TenantKeys) -> None:
    headers = {"Authorization": f"Bearer {listed.secret_key}", "Origin": EVIL}
    assert client.post("/eventTracking/init", json={}, headers=headers).status_code == 200


def test_reads_are_for_servers_and_let_no_page_see_them(client: FlaskClient, api: Api) -> None:
    visitor = api.init("fp-1")["visitorId"]
    headers = {"Authorization": f"Bearer {api.keys.secret_key}", "Origin": SHOP}
    response = client.get(f"/api/v1/visitors/{visitor}", headers=headers)
    assert response.status_code == 200
    assert of_cors(response.headers) == set()
    assert of_cors(preflight(client, f"/api/v1/visitors/{visitor}").headers) == set()


def test_a_path_that_is_not_there_has_no_preflight(client: FlaskClient) -> None:
    assert preflight(client, "/eventTracking/unknown").status_code == 404


@pytest.mark.parametrize("origin", NO_URLS)
def test_an_origin_that_is_no_url_may_call_where_any_may(client: FlaskClient, tenant: TenantKeys, origin: str) -> None:
    assert init(client, tenant, Origin=origin).status_code == 200


@pytest.mark.parametrize("origin", NO_URLS)
def test_an_origin_that_is_no_url_is_not_a_listed_one(client: FlaskClient, listed: TenantKeys, origin: str) -> None:
    assert init(client, listed, Origin=origin).get_json()["code"] == "origin_forbidden"
