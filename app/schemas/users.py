"""Users on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class UserResponse(WireSchema):
    """The customer's own known account."""

    user_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    confidence = fields.Float(required=True)
    visitors = fields.Integer(required=True, metadata={"description": "With how many visitors it has a relationship."})
    created_at = Time(required=True)
    first_seen = Time(required=True, allow_none=True)
    last_seen = Time(required=True, allow_none=True)
