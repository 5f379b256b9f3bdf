"""Sessions on the wire."""

from marshmallow import fields

from app.schemas.context import ContextSchema
from app.schemas.wire import MatchSchema, PageSchema, Time, WireSchema


class SessionResponse(WireSchema):
    """A session as it was observed, and whose it is now."""

    session_id = fields.String(required=True)
    visitor_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    jar_id = fields.String(required=True)
    tenure_id = fields.String(required=True)
    match = fields.Nested(MatchSchema, required=True)
    started_at = Time(required=True)
    last_seen = Time(required=True)
    expires_at = Time(required=True)
    events = fields.Integer(required=True)
    fingerprint = fields.String(required=True, allow_none=True)
    page = fields.Nested(PageSchema, required=True)
    context = fields.Nested(ContextSchema, required=True)
    successor_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The session of the user who logged in next."}
    )
