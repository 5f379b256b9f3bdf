"""Visitors on the wire."""

from marshmallow import fields

from app.schemas.paging import IdsCursor, PartsQuery
from app.schemas.wire import Time, WireSchema


class VisitorQuery(PartsQuery):
    """Selects a page of each of a visitor's lists."""

    cursor = IdsCursor(4)


class PartsSchema(WireSchema):
    """How many there are of each in all."""

    merged_ids = fields.Integer(required=True)
    jars = fields.Integer(required=True)
    tenures = fields.Integer(required=True)
    fingerprints = fields.Integer(required=True)


class VisitorResponse(WireSchema):
    """One browser on one device, and whose it was last. Each list has `limit` ids at most, in falling order."""

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
    counts = fields.Nested(PartsSchema, required=True)
    next_cursor = fields.String(required=True, allow_none=True)
