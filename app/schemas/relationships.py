"""Relationships of users and visitors on the wire."""

from marshmallow import fields, validate

from app.schemas.paging import PageQuery
from app.schemas.wire import Time, WireSchema


class RelationshipsQuery(PageQuery):
    """Which relationships, by what they are worth now."""

    min_confidence = fields.Float(
        load_default=0.0, validate=validate.Range(min=0, max=100), metadata={"description": "0–100, as shown."}
    )


class RelationshipSchema(WireSchema):
    """What is known between a user and a visitor; confidence is 1–100, now."""

    confidence = fields.Integer(required=True)
    count = fields.Integer(required=True)
    first_seen = Time(required=True)
    last_seen = Time(required=True)
    source = fields.String(required=True, metadata={"enum": ["stated", "verified", "claimed", "collected"]})


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
