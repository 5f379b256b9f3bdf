"""Read what was counted by day."""

from typing import Any

from flask import Response

from app import security
from app.calls import analytics
from app.openapi import Blueprint
from app.schemas.analytics import AnalyticsQuery, AnalyticsResponse, ReportsResponse
from app.schemas.rows import CSV, as_csv

blueprint = Blueprint("analytics", __name__, url_prefix="/api/v1", description="What happened, by day.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/analytics")
@blueprint.response(200, ReportsResponse)
def get_reports() -> dict[str, Any]:
    """List the reports, each with its columns."""
    return {"items": analytics.listed()}


@blueprint.get("/analytics/<report>")
@blueprint.arguments(AnalyticsQuery, location="query")
@blueprint.response(200, AnalyticsResponse)
@blueprint.alt_response(404, success=False)
def get_report(asked: dict[str, Any], report: str) -> dict[str, Any] | Response:
    """Get what a job counted by day, as JSON or as CSV."""
    answer = analytics.run(report, asked)
    if asked["format"] == "csv":
        return Response(as_csv(answer["columns"], answer["rows"]), content_type=CSV)
    return answer
