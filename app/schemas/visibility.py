"""What may be read, on the wire."""

from marshmallow import fields

from app.schemas.wire import RepeatableSchema, WireSchema, text


class VisibilityRequest(WireSchema):
    """Whether reads may tell of it."""

    visible = fields.Boolean(
        truthy={True}, falsy={False}, required=True, metadata={"description": "False leaves it out of every read."}
    )
    reason = text(metadata={"description": "Kept in the audit trail."})


class VisibilityResponse(RepeatableSchema):
    """Whether reads tell of it now."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(required=True, allow_none=True, metadata={"description": "Null for a user."})
    visible = fields.Boolean(
        truthy={True},
        falsy={False},
        required=True,
        metadata={"description": "False, too, while the relationship with a visitor that this is one with is hidden."},
    )
