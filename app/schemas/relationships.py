"""Relationships of users and visitors on the wire."""

import math
from typing import Any

from marshmallow import fields, validate

from app.schemas.paging import CURSOR, Cursor, PageQuery, text_of
from app.schemas.wire import Number, RepeatableSchema, Time, WireSchema, text
from graph.rules.relationships import Source
from graph.store.relationships import Place


class RankCursor(Cursor):
    """The `End` of a page of a list by strength; its place is a rank and an id."""

    def place(self, sent: Any) -> Place:
        rank, other_id = sent
        if math.isnan(float(rank)):
            raise ValueError
        return Place(float(rank), text_of(other_id))


def _time(meaning: str) -> Time:
    return Time(load_default=None, metadata={"type": "string", "format": "date-time", "description": meaning})


def confidence_field(kind: type[fields.Float], otherwise: float, meaning: str) -> fields.Float:
    """Return the field for one end of a range of confidences."""
    return kind(load_default=otherwise, validate=validate.Range(min=0, max=100), metadata={"description": meaning})


class RelationshipsQuery(PageQuery):
    """Selects relationships, by their confidence now."""

    cursor = RankCursor(load_default=None, metadata=CURSOR)

    min_confidence = confidence_field(fields.Float, 0.0, "0–100, as shown.")
    max_confidence = confidence_field(fields.Float, 100.0, "0–100, as shown; included.")
    first_seen_from = _time("First seen then or later.")
    first_seen_to = _time("First seen before then.")
    last_seen_from = _time("Last seen then or later.")
    last_seen_to = _time("Last seen before then.")
    source = fields.Enum(
        Source,
        by_value=True,
        load_default=None,
        metadata={"description": "Only relationships whose surest source is this."},
    )
    verified = fields.Boolean(load_default=None, metadata={"description": "Whether any login was verified."})


class ReleaseQuery(WireSchema):
    """The reason for a removal."""

    reason = text(metadata={"description": "Kept in the audit trail."})


class RelationshipSchema(WireSchema):
    """The relationship of a user and a visitor; its confidence is 1–100, as of now."""

    confidence = fields.Integer(required=True)
    count = fields.Integer(required=True)
    first_seen = Time(required=True)
    last_seen = Time(required=True)
    source = fields.String(required=True, metadata={"enum": [source.value for source in Source]})
    verified = fields.Boolean(required=True, metadata={"description": "Whether any login was verified."})


class PutRelationshipRequest(WireSchema):
    """A statement: how sure the caller is that the user used the visitor."""

    confidence = Number(
        required=True, validate=validate.Range(min=1, max=100), metadata={"description": "1–100, kept as given."}
    )
    claim = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Also claim the visitor's latest tenure for the user, as a login would."},
    )
    reason = text(metadata={"description": "Kept in the audit trail."})


class PutRelationshipResponse(RelationshipSchema, RepeatableSchema):
    """The relationship as it is now."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(required=True)


class VisitorOfUserSchema(RelationshipSchema):
    """A visitor of a user."""

    visitor_id = fields.String(required=True)


class UserOfVisitorSchema(RelationshipSchema):
    """A user of a visitor."""

    user_id = fields.String(required=True)


class PairSchema(RelationshipSchema):
    """A user and a visitor."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(required=True)


class VisitorsOfUserResponse(WireSchema):
    """A user's visitors, strongest first."""

    items = fields.List(fields.Nested(VisitorOfUserSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class UsersOfVisitorResponse(WireSchema):
    """A visitor's users, strongest first."""

    items = fields.List(fields.Nested(UserOfVisitorSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
