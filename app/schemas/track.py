"""`POST /eventTracking/track` on the wire."""

from marshmallow import ValidationError, fields, validates

from app.context import settings
from app.schemas.wire import SessionCallSchema, SignatureSchema, Time, WireSchema


class TrackRequest(SessionCallSchema, SignatureSchema):
    """An event."""

    decoration = SessionCallSchema.decoration | {"properties"}

    event_name = fields.String(required=True)
    properties = fields.Dict(keys=fields.String(), load_default=dict)

    @validates("event_name")
    def _is_named(self, value: str, data_key: str) -> None:  # noqa: ARG002
        limit = settings().max_event_name_characters
        if not value.strip() or len(value) > limit or "\x00" in value:
            raise ValidationError(f"A name has 1 to {limit} characters.")


class TrackResponse(WireSchema):
    """The event as recorded."""

    event_id = fields.String(required=True)
    message_id = fields.String(required=True)
    name = fields.String(required=True, data_key="eventName")
    session_id = fields.String(required=True)
    visitor_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    at = Time(required=True, data_key="timestamp")
    received_at = Time(required=True)
    warnings = fields.List(fields.String(), required=True)
    duplicate = fields.Boolean(required=True)
