"""Identities on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class IdentityResponse(WireSchema):
    """A person, as far as we can tell, with the visitors and tenures that belong to them."""

    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    visitors = fields.List(fields.String(), required=True)
    tenures = fields.List(fields.String(), required=True)
    first_seen = Time(required=True, allow_none=True)
    last_seen = Time(required=True, allow_none=True)
