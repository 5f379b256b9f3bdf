"""List reports, and read one."""

from typing import Any

from app import context
from app.calls.arrival import Sent
from app.errors import BadQuery
from app.schemas.analytics import columns, rows, span
from graph.acts import analytics
from graph.errors import NotFound
from graph.rules.analytics import REPORTS


def listed() -> list[dict[str, Any]]:
    """Return all reports, each with the columns of its rows."""
    return [
        {"name": report.name, "about": report.about, "columns": columns(report.columns)} for report in REPORTS.values()
    ]


def run(name: str, asked: Sent) -> dict[str, Any]:
    """Return a report's rows of the days that are asked for.

    Raises:
        NotFound: There is no such report.
        BadQuery: The days are too many, or in the wrong order.
    """
    if name not in REPORTS:
        raise NotFound(f"there is no such report: there are {', '.join(REPORTS)}", code="report_not_found")
    try:
        since, until = span(asked["since"], asked["until"], context.now().date())
    except ValueError as error:
        raise BadQuery({"from": [str(error)]}) from error
    counted = context.graph().read(analytics.read, name, since, until)
    return {
        "name": name,
        "since": since,
        "until": until,
        "columns": columns(counted.report.columns),
        "rows": rows(counted),
        "counted_at": counted.counted_at,
    }
