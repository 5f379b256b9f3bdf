"""Clusters on the wire."""

import math
from typing import Any

from marshmallow import fields, validate

from app.schemas.audit import About
from app.schemas.paging import CURSOR, Cursor, limit, text_of
from app.schemas.wire import Time, WireSchema
from graph.acts.clusters import ORDERS, SIZE
from graph.rules.clusters import LABELS, MEMBERS_MIN

#: More members than any cluster has; Neo4j takes no larger whole number than 2⁶³.
MOST = 2**53
#: Who is in a cluster: a user or a visitor.
ABOUT = r"(user|visitor):."


class ClustersCursor(Cursor):
    """The `End` of a page of clusters; its place is a doubt, a number of members and an id."""

    def place(self, sent: Any) -> tuple[float, int, str]:
        """Return the place that was sent; raises `ValueError` or `TypeError` for another list's."""
        doubt, members, cluster_id = sent
        if math.isnan(float(doubt)):
            raise ValueError
        if isinstance(members, bool) or not isinstance(members, int):
            raise TypeError
        if not 0 <= members <= MOST:
            raise ValueError
        return float(doubt), members, text_of(cluster_id)


class ClustersQuery(WireSchema):
    """Selects a page of clusters, by a label, their size and who is in them."""

    label = fields.String(
        load_default=None,
        validate=validate.OneOf(LABELS),
        metadata={"description": "Only clusters that the job gave this label."},
    )
    min_members = fields.Integer(
        load_default=MEMBERS_MIN,
        validate=validate.Range(min=0, max=1_000_000),
        metadata={"description": "The fewest users and visitors in a cluster."},
    )
    about = About(
        load_default=None,
        validate=validate.Regexp(ABOUT, error="One of user:ID and visitor:ID."),
        metadata={
            "description": "`user:ID` or `visitor:ID`: only the cluster that this user or visitor, or the one that it "
            "was merged into, is in."
        },
    )
    order = fields.String(
        load_default=SIZE,
        validate=validate.OneOf(ORDERS),
        metadata={"description": "`size`: the largest first. `doubt`: the most doubtful of the 100,000 largest first."},
    )
    limit = limit(strict=False)
    cursor = ClustersCursor(load_default=None, metadata=CURSOR)


class KnownClusterSchema(WireSchema):
    """A cluster as the job found it."""

    cluster_id = fields.String(required=True)
    members = fields.Integer(required=True, metadata={"description": "How many users and visitors it has."})
    users = fields.Integer(required=True)
    visitors = fields.Integer(required=True)
    labels = fields.List(fields.String(metadata={"enum": list(LABELS)}), required=True)
    confidence = fields.Float(required=True, metadata={"description": "That of the weakest edge, 0–1."})
    doubt = fields.Float(
        required=True,
        metadata={"description": "That of the most doubtful bridge: how many members may be there by mistake."},
    )
    found_at = Time(required=True, metadata={"description": "When the job found it with these members."})


class ClustersResponse(WireSchema):
    """Clusters, the largest or the most doubtful first."""

    items = fields.List(fields.Nested(KnownClusterSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LabelSchema(WireSchema):
    """What kind of group a cluster is, and why."""

    name = fields.String(required=True, metadata={"enum": list(LABELS)})
    reason = fields.String(required=True)
    subjects = fields.List(fields.String(), required=True, metadata={"description": "Whom the reason is about."})


class ClusterEdgeSchema(WireSchema):
    """What joins two members."""

    one = fields.String(required=True)
    other = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["identified_as", "probably", "may_be", "linked_to"]})
    confidence = fields.Float(required=True, metadata={"description": "As sure as it is now, 0–1."})


class BridgeSchema(WireSchema):
    """An edge without which the cluster would be two."""

    edge = fields.Nested(ClusterEdgeSchema, required=True)
    splits_off = fields.Integer(required=True, metadata={"description": "How many members the smaller part has."})
    doubt = fields.Float(required=True, metadata={"description": "(1 - confidence) × `splitsOff`."})


class ClusterResponse(WireSchema):
    """A cluster with its members as they are joined now."""

    cluster_id = fields.String(required=True)
    members = fields.List(
        fields.String(), required=True, metadata={"description": "`user:ID` and `visitor:ID`; at most 200 of each."}
    )
    labels = fields.List(fields.Nested(LabelSchema), required=True)
    edges = fields.List(fields.Nested(ClusterEdgeSchema), required=True, metadata={"description": "At most 1,000."})
    bridges = fields.List(
        fields.Nested(BridgeSchema), required=True, metadata={"description": "The most doubtful first; at most 100."}
    )
    found_at = Time(required=True, metadata={"description": "When the job found its members."})
    left_out = fields.Integer(required=True, metadata={"description": "How many more members there are."})
