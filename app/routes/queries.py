"""Run the analysts' queries, as `python -m app query` does."""

from typing import Any

from flask import Response, request

from app import security
from app.calls import queries
from app.openapi import Blueprint
from app.schemas.queries import AskQuery, QueriesResponse, RowsResponse
from app.schemas.rows import CSV, as_csv, as_values

#: Registered with IANA (https://www.iana.org/assignments/media-types/application/vnd.apache.parquet).
PARQUET = "application/vnd.apache.parquet"

blueprint = Blueprint("queries", __name__, url_prefix="/api/v1", description="What analysts ask by name.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/queries")
@blueprint.response(200, QueriesResponse)
def get_queries() -> dict[str, Any]:
    """List the analysts' queries, each with its parameters and its columns."""
    return {"items": queries.listed()}


@blueprint.get("/queries/<name>")
@blueprint.arguments(AskQuery, location="query")
@blueprint.response(200, RowsResponse)
@blueprint.alt_response(404, success=False)
def get_query(asked: dict[str, Any], name: str) -> dict[str, Any] | Response:
    """Run a query, as JSON, as CSV or as Parquet. Its columns and parameters have the names that they have in its file."""
    if asked["format"] == "parquet":
        queries.require_parquet()
    found, rows = queries.run(name, {key: value for key, value in request.args.items() if key not in asked})
    if asked["format"] == "parquet":
        return Response(queries.as_parquet(found, rows), content_type=PARQUET)
    if asked["format"] == "csv":
        return Response(as_csv(found.columns, rows), content_type=CSV)
    return {"name": found.name, "columns": found.columns, "rows": as_values(rows)}
