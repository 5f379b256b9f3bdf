"""The audit trail on the wire."""

from marshmallow import fields, validate

from app.schemas.paging import PageQuery
from app.schemas.wire import Time, WireSchema


class AuditQuery(PageQuery):
    """Whose changes: `from` included, `to` not."""

    about = fields.String(
        required=True,
        error_messages={"required": "Whose changes? Add about=user:ID, about=visitor:ID or about=identity:ID."},
        validate=validate.Regexp(r"(user|visitor|identity):.", error="One of user:ID, visitor:ID and identity:ID."),
        metadata={
            "description": "`user:ID`, `visitor:ID`, or `identity:ID` for the user it is of, or the visitor its tenure is on."
        },
    )
    since = Time(data_key="from", load_default=None, metadata={"type": "string", "format": "date-time"})
    until = Time(data_key="to", load_default=None, metadata={"type": "string", "format": "date-time"})


class EntrySchema(WireSchema):
    """One change of one subject."""

    entry_id = fields.String(required=True)
    change_id = fields.String(required=True, metadata={"description": "What was changed together has one."})
    subject = fields.String(required=True)
    act = fields.String(required=True)
    actor = fields.String(required=True, metadata={"description": "`key:ID`, or `job:NAME` for a job or a command."})
    reason = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True, metadata={"description": "Null where there was nothing."})
    after = fields.Dict(required=True, allow_none=True, metadata={"description": "Null where nothing is left."})
    at = Time(required=True)


class AuditResponse(WireSchema):
    """Changes, newest first."""

    items = fields.List(fields.Nested(EntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
