"""Every error is answered in one shape, `application/problem+json`, with the status of its kind.

The shape is `{"type": "/docs/errors#CODE", "title", "status", "detail", "code", "requestId"}`. If fields are wrong, it has
"errors" too.
"""

from typing import Any

import pytest
import werkzeug.exceptions
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import ValidationError

from app import errors
from app.errors import (
    BadQuery,
    HeaderTooLarge,
    Malformed,
    TooLarge,
    TooManyRequests,
    TooSlow,
    Unauthenticated,
    UnsupportedEncoding,
    UnsupportedMediaType,
)
from graph.errors import (
    BackupError,
    EmbeddedError,
    Forbidden,
    Gone,
    GraphAway,
    GraphFailed,
    GraphTimeout,
    GraphUnavailable,
    IdentityGraphError,
    NotFound,
    Overtaken,
    Refused,
    SchemaOutOfDate,
    Torn,
)
from migrations.runner import MigrationRefused

FAILURES: dict[str, tuple[Exception, int, str]] = {
    "malformed": (Malformed("x"), 400, "malformed_json"),
    "malformed query": (BadQuery({"limit": ["x"]}), 400, "malformed_query"),
    "no key": (Unauthenticated("x"), 401, "unauthenticated"),
    "forbidden": (Forbidden("x", code="user_hash_invalid"), 403, "user_hash_invalid"),
    "not found": (NotFound("x", code="session_not_found"), 404, "session_not_found"),
    "refused": (Refused("x", code="message_id_conflict"), 409, "message_id_conflict"),
    "gone": (Gone("x"), 410, "session_expired"),
    "too large": (TooLarge("x"), 413, "too_large"),
    "not JSON": (UnsupportedMediaType("x"), 415, "unsupported_media_type"),
    "packed in another way": (UnsupportedEncoding("x"), 415, "unsupported_media_type"),
    "a field": (ValidationError({"eventName": ["x"]}), 422, "invalid_request"),
    "too slow": (TooSlow("x"), 408, "request_timeout"),
    "a long header": (HeaderTooLarge("x"), 431, "header_too_large"),
    "too many": (TooManyRequests("x", retry_after_seconds=7), 429, "too_many_requests"),
    "no database": (GraphUnavailable("x"), 503, "graph_unavailable"),
    "no connection to it": (GraphAway("x"), 503, "graph_unavailable"),
    "a full disk": (GraphFailed("x"), 503, "graph_unavailable"),
    "overtaken again and again": (Overtaken("x"), 503, "graph_unavailable"),
    "erased while it was read, again and again": (Torn("x"), 503, "graph_unavailable"),
    "no constraints": (SchemaOutOfDate("x"), 503, "schema_out_of_date"),
    "edited history": (MigrationRefused("x"), 503, "migration_refused"),
    "a slow database": (GraphTimeout("x"), 504, "graph_timeout"),
    "ours, of no kind of its own": (EmbeddedError("x"), 500, "internal_error"),
    "ours, of a command": (BackupError("x"), 500, "internal_error"),
    "werkzeug's": (werkzeug.exceptions.NotFound("x"), 404, "not_found"),
    "a bug": (KeyError("alice@example.com"), 500, "internal_error"),
}


def client_of(error: Exception) -> FlaskClient:
    app = Flask(__name__)
    errors.init_app(app)

    @app.get("/")
    def fail() -> str:
        raise error

    return app.test_client()


@pytest.mark.parametrize(("error", "status", "code"), FAILURES.values(), ids=FAILURES.keys())
def test_every_error_has_the_same_shape_and_the_status_of_its_kind(error: Exception, status: int, code: str) -> None:
    response = client_of(error).get("/")
    body: dict[str, Any] = response.get_json()
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code", "requestId"}
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/docs/errors#{code}")
    assert body["title"] == code.replace("_", " ").capitalize()
    assert ("errors" in body) == isinstance(error, BadQuery | ValidationError)


def test_every_kind_of_error_is_tested_here() -> None:
    def kinds(kind: type[IdentityGraphError]) -> set[type]:
        return {kind, *(leaf for sub in kind.__subclasses__() for leaf in kinds(sub))}

    tested = {kind for error, _, _ in FAILURES.values() for kind in type(error).__mro__}
    assert {kind for kind in kinds(IdentityGraphError) if kind.__module__.split(".")[0] != "tests"} <= tested


def test_a_new_error_class_has_the_status_of_its_parent() -> None:
    class IdentityNotFound(NotFound):
        code = "identity_not_found"

    response = client_of(IdentityNotFound("there is no identity x")).get("/")
    assert (response.status_code, response.get_json()["code"]) == (404, "identity_not_found")


def test_wrong_fields_are_named_with_their_reasons() -> None:
    body = client_of(ValidationError({"events": {3: {"eventName": ["Missing."]}}})).get("/").get_json()
    assert body["errors"] == {"events": {"3": {"eventName": ["Missing."]}}}
    assert client_of(BadQuery({"limit": ["Too high."]})).get("/").get_json()["errors"] == {"limit": ["Too high."]}


def test_an_error_that_may_be_retried_says_after_how_many_seconds() -> None:
    assert client_of(GraphUnavailable("x")).get("/").headers["Retry-After"] == "2"
    assert client_of(GraphTimeout("x")).get("/").headers["Retry-After"] == "2"
    assert client_of(TooManyRequests("x", retry_after_seconds=7)).get("/").headers["Retry-After"] == "7"
    assert "Retry-After" not in client_of(NotFound("x")).get("/").headers


def test_a_missing_key_does_not_open_the_browsers_password_dialog() -> None:
    assert client_of(Unauthenticated("x")).get("/").headers["WWW-Authenticate"] == 'Bearer realm="whograph"'


def test_a_wrong_method_is_answered_with_the_allowed_ones() -> None:
    response = client_of(NotFound("x")).post("/")
    assert (response.status_code, response.get_json()["code"]) == (405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert response.get_json()["detail"] == f"this path takes {response.headers['Allow']}, not POST"


def test_the_answer_to_a_bug_holds_no_details() -> None:
    assert "alice" not in client_of(KeyError("alice@example.com")).get("/").get_data(as_text=True)


def test_a_redirect_is_not_an_error() -> None:
    response = client_of(werkzeug.exceptions.HTTPException(response=werkzeug.Response(status=302))).get("/")
    assert (response.status_code, response.mimetype) == (302, "text/plain")
