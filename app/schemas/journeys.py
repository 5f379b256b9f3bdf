"""Journeys on the wire."""

from marshmallow import fields

from app.schemas.context import ContextSchema
from app.schemas.paging import ConfidenceQuery, PageQuery
from app.schemas.wire import PageSchema, Time, WireSchema


class JourneyQuery(PageQuery, ConfidenceQuery):
    """Selects a part of a journey: `from` is included, `to` is not."""

    since = Time(data_key="from", load_default=None, metadata={"type": "string", "format": "date-time"})
    until = Time(data_key="to", load_default=None, metadata={"type": "string", "format": "date-time"})
    at = Time(
        load_default=None,
        metadata={
            "type": "string",
            "format": "date-time",
            "description": "As of this time: the events until then of the visits that belonged here then. Default: now.",
        },
    )


class AsRecordedSchema(WireSchema):
    """The identity that an event was attributed to when it was recorded, and the confidence of that, 0–1."""

    identity_id = fields.String(required=True)
    confidence = fields.Float(required=True)


class TouchSchema(WireSchema):
    """One event of a journey."""

    event_id = fields.String(required=True)
    event_name = fields.String(required=True)
    visitor_id = fields.String(required=True)
    session_id = fields.String(required=True)
    timestamp = Time(required=True)
    received_at = Time(required=True)
    confidence = fields.Float(required=True)
    as_recorded = fields.Nested(AsRecordedSchema, required=True)
    properties = fields.Dict(required=True)
    page = fields.Nested(PageSchema, required=True)
    context = fields.Nested(ContextSchema, required=True)


class JourneyResponse(WireSchema):
    """Events in time order."""

    items = fields.List(fields.Nested(TouchSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
