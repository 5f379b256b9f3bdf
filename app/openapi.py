"""Make the OpenAPI 3.1 document from the schemas that load and dump, and parse requests strictly."""

import http
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NoReturn, cast

import flask_smorest
from flask import Flask, Request, Response, current_app, g
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from app import security
from app.errors import BadQuery
from app.json_body import has_halves, json_body
from app.schemas import decoration
from app.schemas.wire import Time

API_VERSION = "0.1.0"
PROBLEM_JSON = "application/problem+json"

#: The security schemes of each guard of app/security.py. OpenAPI cannot express a write key in the body.
_SECURITY: Mapping[Callable[..., Any], list[dict[str, list[str]]]] = {
    security.require_write_key: [{"writeKey": []}, {"writeKeyAsUserName": []}],
    security.require_secret_key: [{"secretKey": []}],
    security.require_any_key: [{"writeKey": []}, {"writeKeyAsUserName": []}, {"secretKey": []}],
}
_SCHEMES = {
    "writeKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Write-Key",
        "description": "A public key (`wk_…`), which may only post. It can also be sent as `writeKey` in the body.",
    },
    "writeKeyAsUserName": {
        "type": "http",
        "scheme": "basic",
        "description": "The write key as user name, with an empty password.",
    },
    "secretKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the tenant's servers (`sk_…`): reads and administration. Or the token of a link (`rt_…`), "
        "for reads alone.",
    },
}
_DESCRIPTION = """
Who is this, how sure are we, and why.

Times are RFC 3339, answered in UTC with three decimals; ids are strings; a list is `{"items": […], "nextCursor": …}`.
Unknown fields are ignored. Failures are `application/problem+json` (RFC 9457) with a stable `code`.
"""


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(metadata={"description": "The address of the problem's description."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; programs may rely on it."})
    reason = fields.String(metadata={"description": "Which rule refused the call, if several can."})
    requestId = fields.String(allow_none=True, metadata={"description": "Finds the request in the logs."})  # noqa: N815
    errors = fields.Dict(metadata={"description": "What is wrong, by field that breaks the schema."})


class Parser(FlaskParser):
    """Reads queries and headers, and raises our own errors if they break a schema."""

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002
        schema: Schema,  # noqa: ARG002
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Mapping[str, str] | None,  # noqa: ARG002
    ) -> NoReturn:
        """Raise `ValidationError` (422) for headers, `BadQuery` (400) for a query."""
        (location, messages), *_ = error.messages_dict.items()
        if location == "query":
            raise BadQuery(messages)
        raise ValidationError(messages)


class Blueprint(flask_smorest.Blueprint):
    """A blueprint whose `@blueprint.arguments(Schema)` parses JSON strictly, and that documents keys and problems.

    The keys that a call needs are taken from its `before_request` guard.
    """

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_problems_doc)

    def arguments(self, schema: type[Schema], *, location: str = "json", **kwargs: Any) -> Any:
        """Load the body (422 if it breaks the schema) or, with `location="query"`, the query (400)."""
        if location == "query":
            kwargs.setdefault("error_status_code", http.HTTPStatus.BAD_REQUEST)
        # From a class, webargs would make a schema for each request, which cost more CPU than all else at the door.
        made = schema()
        documented = super().arguments(made, location=location, **kwargs)
        if location != "json":
            return documented

        def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(func)
            def load(*args: Any, **kwargs: Any) -> Any:
                loaded, g.json_body = decoration.load(made, json_body(), has_halves=has_halves())
                return func(*args, loaded, **kwargs)

            return _documented_as(documented(func), load)

        return decorator

    def response(self, status_code: int, schema: Any = None, **kwargs: Any) -> Any:
        """Dump what the call returns by the schema, unless it returns a response."""
        documented = super().response(status_code, schema, **kwargs)
        if not isinstance(schema, type):
            return documented
        dump = schema().dump

        def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(func)
            def answer(*args: Any, **kwargs: Any) -> Response:
                result = func(*args, **kwargs)
                if isinstance(result, Response):
                    return result
                response = cast("Response", current_app.json.response(dump(result)))
                response.status_code = status_code
                return response

            return _documented_as(documented(func), answer)

        return decorator

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        first, *rest = endpoint.split("_")
        for doc in (doc for method, doc in self._docs[endpoint].items() if method != "parameters"):
            doc.setdefault("manual_doc", {}).setdefault("operationId", first + "".join(map(str.capitalize, rest)))

    def _prepare_problems_doc(self, doc: dict[str, Any], doc_info: Any, **_: Any) -> dict[str, Any]:  # noqa: ARG002
        """Document which keys this call accepts, and with which statuses it may fail."""
        guards = self.before_request_funcs.get(None, [])
        demanded = next((_SECURITY[guard] for guard in guards if guard in _SECURITY), None)
        statuses: set[int] = set()
        if demanded is not None:
            doc["security"] = demanded
            statuses |= {401, 403, 429, 503, 504}
        if "requestBody" in doc:
            statuses |= {400, 413, 415, 422}
        places = {parameter.get("in") for parameter in doc.get("parameters", [])}
        if "query" in places:
            statuses |= {400}
        if "headers" in places:
            # The header is an Idempotency-Key, which another call, or a call that was erased, may have used.
            statuses |= {409, 410, 422}
        responses = doc.setdefault("responses", {})
        for status in statuses:
            responses.setdefault(status, http.HTTPStatus(status).name)
        return doc


def _documented_as(wrapper: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """Return `ours` with the notes for the document that flask-smorest put on its own wrapper."""
    ours._apidoc = wrapper._apidoc  # type: ignore[attr-defined]  # noqa: SLF001 - where flask-smorest looks for it
    return ours


class Api(flask_smorest.Api):
    """Serves the document at `/openapi.json`. app/errors.py answers failures, and the document describes them so."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Register none: app/errors.py handles errors, and flask-smorest's handlers drop `Allow` from a 405."""

    def _register_pagination_header(self) -> None:
        """Register none: lists have their cursor in the body."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            content = {PROBLEM_JSON: {"schema": ProblemSchema}} if status >= http.HTTPStatus.BAD_REQUEST else {}
            response = {"description": status.phrase, **({"content": content} if content else {})}
            self.spec.components.response(status.name, response, lazy=True)
        self.spec.components.response(
            "DEFAULT_ERROR",
            {"description": "A failure", "content": {PROBLEM_JSON: {"schema": ProblemSchema}}},
            lazy=True,
        )


def init_app(app: Flask) -> Api:
    """Make the app serve the document. It contains the blueprints that are registered with the returned `Api`."""
    app.config["OPENAPI_URL_PREFIX"] = "/"
    api = Api(
        app,
        spec_kwargs={
            "title": "Whograph",
            "version": API_VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": _DESCRIPTION.strip()},
            "components": {"securitySchemes": _SCHEMES},
        },
    )
    api.register_field(Time, "string", "date-time")
    return api
