"""Statistics on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class BySourceSchema(WireSchema):
    """How many are of each source, the surest that a relationship has."""

    stated = fields.Integer(required=True)
    verified = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    collected = fields.Integer(required=True)


class BucketSchema(WireSchema):
    """How many relationships are shown with a confidence from `from` to `to` now."""

    first = fields.Integer(required=True, data_key="from")
    last = fields.Integer(required=True, data_key="to")
    count = fields.Integer(required=True)
    by_source = fields.Nested(BySourceSchema, required=True)


class StatsResponse(WireSchema):
    """How much a tenant has."""

    visitors = fields.Integer(required=True, attribute="counts.visitors", metadata={"description": "Not merged ones."})
    merged_visitors = fields.Integer(required=True, attribute="counts.merged_visitors")
    users = fields.Integer(required=True, attribute="counts.users")
    jars = fields.Integer(required=True, attribute="counts.jars")
    sessions = fields.Integer(required=True, attribute="counts.sessions")
    events = fields.Integer(required=True, attribute="counts.events")
    fingerprints = fields.Integer(required=True, attribute="counts.fingerprints")
    relationships = fields.Integer(required=True, metadata={"description": "Those that lists show."})
    active_relationships = fields.Integer(
        required=True, metadata={"description": "Those that age has not taken below a confidence of 1."}
    )
    by_source = fields.Nested(BySourceSchema, required=True)
    confidence = fields.List(
        fields.Nested(BucketSchema), required=True, metadata={"description": "Ten buckets, lowest first."}
    )
    at = Time(required=True)
