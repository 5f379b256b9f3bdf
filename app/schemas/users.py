"""Users on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class UserResponse(WireSchema):
    """A user: an account of the customer's own."""

    user_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    confidence = fields.Float(required=True)
    visitors = fields.Integer(
        required=True, metadata={"description": "The number of visitors that the user has a relationship with."}
    )
    created_at = Time(required=True)
    first_seen = Time(required=True, allow_none=True)
    last_seen = Time(required=True, allow_none=True)
    linked_user_ids = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "The users that a caller linked with this one; `identityId` is the same for all of them."
        },
    )
