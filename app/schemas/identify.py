"""`POST /eventTracking/identify` on the wire."""

from marshmallow import INCLUDE, fields

from app.schemas.wire import SessionCallSchema, SignatureSchema, UserId, WireSchema


class UserPropertiesSchema(WireSchema):
    """Properties of the user who logged in; all properties are kept with the event."""

    class Meta:
        unknown = INCLUDE

    user_id = UserId(required=True)


class IdentifyRequest(SessionCallSchema, SignatureSchema):
    """A user logged in, or identified themselves in another way."""

    user_properties = fields.Nested(UserPropertiesSchema, required=True)


class UpdatedSchema(WireSchema):
    """How many sessions and events this call attributed to the user."""

    sessions = fields.Integer(required=True)
    events = fields.Integer(required=True)


class IdentifyResponse(WireSchema):
    """The login as recorded. If another user had the session that was sent, `sessionId` names its successor."""

    session_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    visitor_id = fields.String(required=True)
    confidence = fields.Float(required=True)
    verified = fields.Boolean(required=True)
    event_id = fields.String(required=True)
    updated = fields.Nested(UpdatedSchema, required=True)
    propagated = fields.Integer(required=True)
    warnings = fields.List(fields.String(), required=True)
    duplicate = fields.Boolean(required=True)
