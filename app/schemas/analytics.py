"""Counts by day on the wire."""

from datetime import date
from typing import Any

from marshmallow import fields, validate

from app.schemas.queries import FORMATS
from app.schemas.wire import Time, WireSchema
from graph.acts.analytics import CountedDays
from graph.rules.analytics import DAYS_MAX, REPORTS

#: How many days an answer has if none are asked for.
DAYS_DEFAULT = 30


class AnalyticsQuery(WireSchema):
    """Selects days, in UTC; `from` and `to` are both included."""

    since = fields.Date(
        data_key="from", load_default=None, metadata={"description": f"Without it, {DAYS_DEFAULT} days are answered."}
    )
    until = fields.Date(
        data_key="to", load_default=None, metadata={"description": "Without it, the last day is today."}
    )
    format = fields.String(load_default="json", validate=validate.OneOf(FORMATS))


class ReportSchema(WireSchema):
    """What a report tells, and its columns."""

    name = fields.String(required=True, metadata={"enum": list(REPORTS)})
    about = fields.String(required=True)
    columns = fields.List(fields.String(), required=True)


class ReportsResponse(WireSchema):
    """The reports, by name."""

    items = fields.List(fields.Nested(ReportSchema), required=True)


class AnalyticsResponse(WireSchema):
    """The rows of a report. Each has a value for every column, under the column's name."""

    name = fields.String(required=True)
    since = fields.Date(data_key="from", required=True)
    until = fields.Date(data_key="to", required=True)
    columns = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Dict(keys=fields.String()), required=True)
    counted_at = Time(
        required=True,
        allow_none=True,
        metadata={"description": "When the latest of these counts was made, if any was."},
    )


def span(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """Return the first and the last of the days that are asked for.

    Raises:
        ValueError: The first is after the last, or they are too many.
    """
    # Numbers of days, since a date cannot be less than the first one.
    end = today.toordinal() if since is None else min(today.toordinal(), since.toordinal() + DAYS_MAX - 1)
    last = until or date.fromordinal(end)
    first = since or date.fromordinal(max(1, last.toordinal() - DAYS_DEFAULT + 1))
    if not 0 <= (last - first).days < DAYS_MAX:
        raise ValueError(f"{first} is not 0 to {DAYS_MAX - 1} days before {last}")
    return first, last


def columns(counted_columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a report's rows, of which its own are in the middle."""
    return ("day", *counted_columns, "count")


def rows(counted: CountedDays) -> list[dict[str, Any]]:
    """Return the counts of a report as rows."""
    names = columns(counted.report.columns)
    return [
        dict(zip(names, (one.day, *(one.name, one.detail)[: len(names) - 2], one.count), strict=True))
        for one in counted.counts
    ]
