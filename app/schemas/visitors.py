"""Visitors on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class VisitorResponse(WireSchema):
    """One browser on one device, and whose it was last."""

    visitor_id = fields.String(required=True)
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    kind = fields.String(required=True, metadata={"enum": ["browser", "server"]})
    first_seen = Time(required=True)
    last_seen = Time(required=True)
    sessions = fields.Integer(required=True)
    events = fields.Integer(required=True)
    merged_ids = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Visitors merged into this one. Their ids still resolve to it."},
    )
    jars = fields.List(fields.String(), required=True)
    tenures = fields.List(fields.String(), required=True)
    fingerprints = fields.List(fields.String(), required=True)
