"""The OpenAPI document for generating clients, and the page for browsing it, which also works offline."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
from flask import Flask

from app.config import CHECKOUT
from app.openapi import Blueprint

KEYLESS = {"/health/live", "/health/ready", "/metrics"}


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    response = app.test_client().get("/openapi.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found: dict[str, Any] = response.get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in methods.keys() & {"get", "post", "put", "delete", "patch"}:
            yield path, method, methods[method]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    openapi_spec_validator.validate(document)


def test_the_document_has_the_version_of_the_project(document: dict[str, Any]) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert document["info"]["version"] == project["version"]


def test_every_call_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    documented = {(path, method.upper()) for path, method, _ in operations(document)}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if isinstance(app.blueprints.get(rule.endpoint.partition(".")[0]), Blueprint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_call_says_which_key_opens_it(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    for path, method, operation in operations(document):
        demanded = {name for alternative in operation.get("security", []) for name in alternative}
        assert demanded <= schemes.keys()
        if path in KEYLESS:
            assert demanded == set(), path
        elif path.startswith("/eventTracking/"):
            assert {"writeKey", "writeKeyAsUserName"} <= demanded, (method, path)
        else:
            assert demanded == {"secretKey"}, (method, path)


def test_every_call_says_how_it_may_fail(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        responses = operation["responses"]
        assert "default" in responses, (method, path)
        if path in KEYLESS:
            continue
        demanded = {"401", "403", "429", "503", "504"}
        if "requestBody" in operation:
            demanded |= {"400", "413", "415", "422"}
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
            demanded |= {"400"}
        assert demanded <= responses.keys(), (method, path)


def test_every_failure_is_described_as_it_is_answered(app: Flask, document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name
    schema = document["components"]["schemas"]["Problem"]
    answered = app.test_client().get("/unknown").get_json()
    assert answered.keys() <= schema["properties"].keys()
    assert set(schema["required"]) <= answered.keys()


def test_every_call_and_every_schema_says_what_it_is(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"].endswith("."), (method, path)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_call_that_changes_something_takes_a_key_that_makes_it_one_call(document: dict[str, Any]) -> None:
    repeatable = {
        (method, path)
        for path, method, operation in operations(document)
        if any(
            parameter["in"] == "header" and parameter["name"] == "Idempotency-Key"
            for parameter in operation.get("parameters", [])
        )
    }
    assert repeatable == {
        ("put", "/api/v1/users/{user_id}/visitors/{visitor_id}"),
        ("delete", "/api/v1/users/{user_id}/visitors/{visitor_id}"),
        ("put", "/api/v1/users/{user_id}/visitors/{visitor_id}/visibility"),
        ("put", "/api/v1/users/{user_id}/visibility"),
        ("post", "/api/v1/users/{user_id}/link"),
        ("delete", "/api/v1/users/{user_id}/link/{to_user_id}"),
        ("post", "/api/v1/visitors/{visitor_id}/merge"),
        ("post", "/api/v1/visitors/{visitor_id}/split"),
        ("post", "/api/v1/candidates/{candidate_id}/accept"),
        ("post", "/api/v1/candidates/{candidate_id}/refuse"),
        ("put", "/api/v1/policy"),
    }
    for method, path in repeatable:
        assert {"409", "410", "422"} <= document["paths"][path][method]["responses"].keys(), (method, path)


def test_times_and_ids_are_texts_in_the_document(document: dict[str, Any]) -> None:
    init = document["components"]["schemas"]["InitResponse"]["properties"]
    assert init["sessionId"]["type"] == "string"
    assert init["startedAt"] == {"type": "string", "format": "date-time"}


def test_no_field_is_left_without_a_type(document: dict[str, Any]) -> None:
    untyped = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if not described.keys() & {"type", "$ref", "allOf", "anyOf"}
    ]
    assert untyped == ["CollectRequest.visitorToken", "InitRequest.visitorToken"], "only that is taken whatever it is"


def test_the_page_and_all_it_loads_come_from_the_service_itself(app: Flask) -> None:
    client = app.test_client()
    with client.get("/docs/") as page:
        html = page.get_data(as_text=True)
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    loaded = re.findall(r'(?:src|href|data-document)="([^"]+)"', html)
    assert len(loaded) == 5
    for path in loaded:
        assert path.startswith("/"), path
        assert not path.startswith("//"), path
        with client.get(path) as response:
            assert response.status_code == 200, path


def test_the_page_reads_documents_of_our_version(app: Flask) -> None:
    """Swagger UI 4 cannot show OpenAPI 3.1: https://swagger.io/blog/swagger-ui-5/"""
    with app.test_client().get("/docs/ui/VERSION") as response:
        assert int(response.get_data(as_text=True).lstrip("v").partition(".")[0]) >= 5


def test_nothing_else_of_the_machine_is_served_with_the_page(app: Flask) -> None:
    for path in (
        "../flask_swagger_ui.py",
        "..%2f..%2fflask%2fapp.py",
        "%2e%2e/__init__.py",
        "/etc/passwd",
        "nothing.js",
    ):
        assert app.test_client().get(f"/docs/ui/{path}").status_code == 404, path
