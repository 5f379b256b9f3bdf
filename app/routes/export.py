"""Export everything about a person."""

from collections.abc import Iterator

from flask import Response

from app import security
from app.calls import export
from app.openapi import Blueprint

#: One JSON value a line: https://jsonlines.org
JSON_LINES = "application/jsonl"

blueprint = Blueprint("export", __name__, url_prefix="/api/v1", description="Everything about a person.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/users/<user_id>/export")
@blueprint.response(200, {"type": "string"}, content_type=JSON_LINES)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(422, success=False)
def get_export_of_user(user_id: str) -> Response:
    """Get everything about a user as JSON lines, hidden or not. An export that is complete ends with `{"what":"end"}`."""
    return _stream(export.of_user(user_id))


@blueprint.get("/visitors/<visitor_id>/export")
@blueprint.response(200, {"type": "string"}, content_type=JSON_LINES)
@blueprint.alt_response(404, success=False)
def get_export_of_visitor(visitor_id: str) -> Response:
    """Get everything about a visitor, and the visitors merged with it, as JSON lines."""
    return _stream(export.of_visitor(visitor_id))


def _stream(lines: Iterator[str]) -> Response:
    return Response(lines, content_type=JSON_LINES)
