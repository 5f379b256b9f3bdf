"""Statistics on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class BySourceSchema(WireSchema):
    """Numbers of relationships by source; a relationship counts under its surest source."""

    stated = fields.Integer(required=True)
    verified = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    collected = fields.Integer(required=True)


class BucketSchema(WireSchema):
    """The number of relationships whose confidence, as shown now, is `from` to `to`, both included."""

    first = fields.Integer(required=True, data_key="from")
    last = fields.Integer(required=True, data_key="to")
    count = fields.Integer(required=True)
    by_source = fields.Nested(BySourceSchema, required=True)


class IngestLagSchema(WireSchema):
    """How long the events that were kept last took from when they happened to when they came in."""

    events = fields.Integer(required=True, metadata={"description": "How many events these are: 1,000 at most."})
    p50_milliseconds = fields.Integer(
        required=True,
        allow_none=True,
        attribute="p50",
        metadata={"description": "Half of them took no longer; null without events."},
    )
    p95_milliseconds = fields.Integer(
        required=True,
        allow_none=True,
        attribute="p95",
        metadata={"description": "95 of 100 took no longer; null without events."},
    )


class StatsResponse(WireSchema):
    """Counts of a tenant's nodes and relationships."""

    visitors = fields.Integer(
        required=True, attribute="counts.visitors", metadata={"description": "Without merged visitors."}
    )
    merged_visitors = fields.Integer(required=True, attribute="counts.merged_visitors")
    users = fields.Integer(required=True, attribute="counts.users")
    jars = fields.Integer(required=True, attribute="counts.jars")
    sessions = fields.Integer(required=True, attribute="counts.sessions")
    events = fields.Integer(required=True, attribute="counts.events")
    fingerprints = fields.Integer(required=True, attribute="counts.fingerprints")
    relationships = fields.Integer(required=True, metadata={"description": "Only those that lists show."})
    active_relationships = fields.Integer(
        required=True, metadata={"description": "Only those whose confidence has not yet decayed below 1."}
    )
    by_source = fields.Nested(BySourceSchema, required=True)
    confidence = fields.List(
        fields.Nested(BucketSchema), required=True, metadata={"description": "Ten buckets, lowest first."}
    )
    ingest_lag = fields.Nested(IngestLagSchema, required=True)
    at = Time(required=True)
