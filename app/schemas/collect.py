"""`POST /eventTracking/collect` on the wire."""

from marshmallow import fields

from app.schemas.init import FingerprintSchema, VisitSchema
from app.schemas.wire import MatchSchema, WireSchema


class CollectRequest(VisitSchema):
    """A fingerprint without a session."""

    fingerprint = fields.Nested(FingerprintSchema, required=True, allow_none=True)


class CollectResponse(WireSchema):
    """The visitor that the fingerprint matches, and the user id that came with it."""

    visitor_id = fields.String(required=True)
    visitor_token = fields.String(required=True, allow_none=True)
    fingerprint_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The hash; null if it was not kept."}
    )
    match = fields.Nested(MatchSchema, required=True)
    user_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As sent; null if it was not associated with the visitor."},
    )
    warnings = fields.List(fields.String(), required=True)
    duplicate = fields.Boolean(required=True)
