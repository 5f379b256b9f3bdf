"""Turn failures into answers: one table of statuses, one JSON shape (RFC 9457), one handler for all."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from flask import Flask, Response, current_app, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app import metrics, refusals
from app.context import request_id
from graph.errors import (
    Forbidden,
    Gone,
    GraphFailed,
    GraphTimeout,
    GraphUnavailable,
    IdentityGraphError,
    NotFound,
    Refused,
    SchemaOutOfDate,
)
from migrations.runner import MigrationRefused

logger = logging.getLogger("whograph.errors")

#: Long enough for a leader election or a restart to progress, and short enough that the page may still be open.
RETRY_AFTER_SECONDS = 2


class Malformed(IdentityGraphError):  # noqa: N818 - named after the failure, as the wire's problem is
    """The body is not JSON, or the URL is invalid: malformed_json, malformed_query, malformed_url."""

    code = "malformed_json"


class BadQuery(Malformed):
    """Query parameters break the schema; `errors` has what is wrong, by parameter."""

    code = "malformed_query"

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__("a query parameter is missing, out of range or not of its type: see errors")
        self.errors = errors


class Unauthenticated(IdentityGraphError):  # noqa: N818
    """The call has no key, or an unknown or revoked one."""

    code = "unauthenticated"


class TooLarge(IdentityGraphError):  # noqa: N818
    """The body has more bytes than this call accepts."""

    code = "too_large"


class TooSlow(IdentityGraphError):  # noqa: N818
    """The request took too long to come in."""

    code = "request_timeout"


class HeaderTooLarge(IdentityGraphError):  # noqa: N818
    """The request's header has more bytes than any call needs."""

    code = "header_too_large"


class UnsupportedMediaType(IdentityGraphError):  # noqa: N818
    """The `Content-Type` is not JSON in UTF-8."""

    code = "unsupported_media_type"


class UnsupportedEncoding(UnsupportedMediaType):
    """The body is packed in another way than gzip (`Content-Encoding`)."""


class TooManyRequests(IdentityGraphError):  # noqa: N818
    """The key or the address makes too many calls; the client may try again after `retry_after_seconds`."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


#: The status of each kind of failure. A subclass has its parent's status, so it needs no line here.
STATUS: Mapping[type[Exception], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Refused: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    HeaderTooLarge: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    GraphUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    SchemaOutOfDate: HTTPStatus.SERVICE_UNAVAILABLE,
    MigrationRefused: HTTPStatus.SERVICE_UNAVAILABLE,
    GraphTimeout: HTTPStatus.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True)
class Problem:
    """A failure as the client sees it."""

    status: int
    code: str
    detail: str
    errors: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None

    def body(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "type": f"/docs/errors#{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "requestId": request_id(),
        }
        if self.reason is not None:
            members["reason"] = self.reason
        if self.errors is not None:
            members["errors"] = self.errors
        return members


def answer_item(error: Exception) -> dict[str, Any]:
    """Return the answer to a failed item of a batch: the problem document alone."""
    return _problem(error).body()


def answer(error: Exception) -> Response:
    """Return the complete answer to a failed call."""
    if isinstance(error, HTTPException) and (error.code is None or error.code < HTTPStatus.BAD_REQUEST):
        return cast("Response", error.get_response())
    found = _problem(error)
    response = cast("Response", current_app.json.response(found.body()))
    response.status_code = found.status
    response.mimetype = "application/problem+json"
    response.headers.extend(found.headers)
    return response


def init_app(app: Flask) -> None:
    """Make the app answer every failure in this shape."""
    app.register_error_handler(Exception, answer)


def _problem(error: Exception) -> Problem:
    """Describe a failure that a client is answered with, and count, note and log it."""
    found = _describe(error)
    metrics.problem(found.code)
    refusals.note(error)
    if found.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("unexpected failure", exc_info=error)
    elif isinstance(error, GraphFailed):
        logger.error("Neo4j failed", exc_info=error)
    return found


def _describe(error: Exception) -> Problem:
    if isinstance(error, HTTPException):
        # Keeps `Allow` of a 405, but not `Content-Type`, since the body is ours.
        headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
        detail = error.description or ""
        if isinstance(error, MethodNotAllowed):
            detail = f"this path takes {headers['Allow']}, not {request.method}"
        return Problem(error.code or 500, error.name.lower().replace(" ", "_"), detail, None, headers)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if isinstance(error, ValidationError):
        errors = error.normalized_messages()  # type: ignore[no-untyped-call]
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", "some fields break the schema", errors)
    if status is None or not isinstance(error, IdentityGraphError):
        return Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "something went wrong on this side; the request id finds it in the logs",
        )
    errors = dict(error.errors) if isinstance(error, BadQuery) else None
    return Problem(status, error.code, error.message, errors, _headers(error, status), error.reason)


def _headers(error: IdentityGraphError, status: HTTPStatus) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        # Basic is accepted but not offered here, since it makes browsers ask for a password.
        return {"WWW-Authenticate": 'Bearer realm="whograph"'}
    if isinstance(error, UnsupportedEncoding):
        # RFC 9110, 15.5.16: it tells this 415 from that of another Content-Type.
        return {"Accept-Encoding": "gzip"}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after_seconds)}
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}
