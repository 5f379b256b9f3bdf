"""Warnings on the wire."""

from marshmallow import fields

from app.schemas.paging import PageQuery
from app.schemas.wire import Time, WireSchema


class WarningsQuery(PageQuery):
    """Selects warnings: `from` is included, `to` is not."""

    code = fields.String(load_default=None, metadata={"description": "Only warnings with this code."})
    since = Time(data_key="from", load_default=None, metadata={"type": "string", "format": "date-time"})
    until = Time(data_key="to", load_default=None, metadata={"type": "string", "format": "date-time"})


class WarningSchema(WireSchema):
    """Odd input or a refusal; equal ones of the same hour are one warning."""

    warning_id = fields.String(required=True)
    code = fields.String(required=True)
    subject = fields.String(
        required=True, metadata={"description": "What the warning is about: a user id, a hash or a call."}
    )
    detail = fields.String(required=True)
    at = Time(required=True, metadata={"description": "When the first of them happened."})
    last_seen = Time(required=True)
    count = fields.Integer(required=True)


class WarningsResponse(WireSchema):
    """Warnings, newest first."""

    items = fields.List(fields.Nested(WarningSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
