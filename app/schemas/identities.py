"""Identities on the wire."""

from marshmallow import fields

from app.schemas.paging import IdsCursor, PartsQuery
from app.schemas.wire import Time, WireSchema


class IdentityQuery(PartsQuery):
    """Selects a page of an identity's tenures."""

    cursor = IdsCursor(1)


class MembersSchema(WireSchema):
    """How many there are in all."""

    tenures = fields.Integer(required=True, attribute="count")


class IdentityResponse(WireSchema):
    """A person, as far as we can tell, with the visitors and tenures that belong to them."""

    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    visitors = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The visitors of these tenures. The next page may have some of them again."},
    )
    tenures = fields.List(
        fields.String(), required=True, metadata={"description": "By their ids, the latest first; `limit` at most."}
    )
    counts = fields.Nested(MembersSchema, required=True)
    first_seen = Time(required=True, allow_none=True)
    last_seen = Time(required=True, allow_none=True)
    next_cursor = fields.String(required=True, allow_none=True)
