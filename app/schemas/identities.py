"""Identities on the wire."""

from typing import Any

from marshmallow import fields, validate

from app.schemas.paging import ConfidenceQuery, IdsCursor, PartsQuery
from app.schemas.wire import Time, WireSchema
from graph.acts.identity_graph import DEPTH_MAX, IdentityGraph


class IdentityQuery(PartsQuery):
    """Selects a page of an identity's tenures, and as of when."""

    at = Time(load_default=None, metadata={"description": "As of this time. Default: now."})
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


class GraphQuery(ConfidenceQuery):
    """Selects how much of the graph around an identity is drawn, and as of when."""

    depth = fields.Integer(
        load_default=2,
        validate=validate.Range(min=1, max=DEPTH_MAX),
        metadata={
            "description": "1: tenures, jars and visitors. 2: fingerprints, addresses and sessions, too. 3: others who have these."
        },
    )
    at = Time(load_default=None, metadata={"description": "As of this time. Default: now."})
    limit = fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=1000),
        metadata={"description": "At most so many of each kind."},
    )


class NodeSchema(WireSchema):
    """A node. Further fields depend on its kind."""

    id = fields.String(required=True, metadata={"description": "The kind, a colon and its own id."})
    kind = fields.String(
        required=True, metadata={"enum": ["user", "tenure", "jar", "visitor", "session", "fingerprint", "address"]}
    )
    identity_id = fields.String()
    first_seen = Time()
    last_seen = Time()
    sessions = fields.Integer()
    events = fields.Integer()
    jar_kind = fields.String()
    browser = fields.String(allow_none=True)
    os = fields.String(allow_none=True)
    method = fields.String()


class EdgeSchema(WireSchema):
    """An edge between two of the nodes."""

    source = fields.String(required=True)
    target = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "enum": [
                *("resolves_to", "tied_to", "probably", "on", "in", "merged_into", "linked_to"),
                *("has_fingerprint", "seen_at", "during", "identified_as"),
            ]
        },
    )
    confidence = fields.Float(required=True)
    method = fields.String(required=True, allow_none=True)
    last_seen = Time(required=True, allow_none=True)


class GraphResponse(WireSchema):
    """The graph around an identity."""

    identity_id = fields.String(required=True)
    at = Time(required=True)
    nodes = fields.List(fields.Nested(NodeSchema), required=True)
    edges = fields.List(fields.Nested(EdgeSchema), required=True)
    left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "How many of what were left out: beyond `limit`, of a crowd, or below `minConfidence`."
        },
    )


def drawn(found: IdentityGraph) -> dict[str, Any]:
    """Return a graph as `GraphResponse` dumps it."""
    return {
        **vars(found),
        "nodes": [{"id": node.id, "kind": node.kind, **node.values} for node in found.nodes.values()],
        "edges": list(found.edges.values()),
    }
