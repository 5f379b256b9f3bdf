"""Relationships of users and visitors on the wire."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import fields, validate

from app.schemas.paging import Cursor, PageQuery, limit, text_of
from app.schemas.wire import Identifier, Number, RepeatableSchema, Time, WireSchema, text
from graph.rules.relationships import Source
from graph.store.relationships import Place


class RankCursor(Cursor):
    """Where a page ended in a list by strength."""

    def place(self, sent: Any) -> Place:
        rank, other_id = sent
        if math.isnan(float(rank)):
            raise ValueError
        return Place(float(rank), text_of(other_id))


def _time(meaning: str) -> Time:
    return Time(load_default=None, metadata={"type": "string", "format": "date-time", "description": meaning})


def _bound(kind: type[fields.Float], otherwise: float, meaning: str) -> fields.Float:
    return kind(load_default=otherwise, validate=validate.Range(min=0, max=100), metadata={"description": meaning})


class RelationshipsQuery(PageQuery):
    """Which relationships, by what they are worth now."""

    cursor = RankCursor(
        load_default=None, metadata={"type": "string", "description": "`nextCursor` of the page before."}
    )

    min_confidence = _bound(fields.Float, 0.0, "0–100, as shown.")
    max_confidence = _bound(fields.Float, 100.0, "0–100, as shown; included.")
    first_seen_from = _time("First seen then or later.")
    first_seen_to = _time("First seen before then.")
    last_seen_from = _time("Last seen then or later.")
    last_seen_to = _time("Last seen before then.")
    source = fields.Enum(
        Source, by_value=True, load_default=None, metadata={"description": "The surest source is this one."}
    )
    verified = fields.Boolean(load_default=None, metadata={"description": "Whether any login was verified."})


class ReleaseQuery(WireSchema):
    """Why a user is taken from a visitor."""

    reason = text(metadata={"description": "Kept in the audit trail."})


class RelationshipSchema(WireSchema):
    """What is known between a user and a visitor; confidence is 1–100, now."""

    confidence = fields.Integer(required=True)
    count = fields.Integer(required=True)
    first_seen = Time(required=True)
    last_seen = Time(required=True)
    source = fields.String(required=True, metadata={"enum": [source.value for source in Source]})
    verified = fields.Boolean(required=True, metadata={"description": "Whether any login was verified."})


class PutRelationshipRequest(WireSchema):
    """How sure it is that the user used the visitor, by what the caller knows."""

    confidence = Number(
        required=True, validate=validate.Range(min=1, max=100), metadata={"description": "1–100, held as given."}
    )
    claim = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Make the tenure that the visitor was last used in the user's, as a login would."},
    )
    reason = text(metadata={"description": "Kept in the audit trail."})


class PutRelationshipResponse(RelationshipSchema, RepeatableSchema):
    """The relationship as it is now."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(required=True)


class PairItemSchema(WireSchema):
    """A relationship to look up in a batch."""

    user_id = Identifier(required=True)
    visitor_id = Identifier(required=True)


class ChangeItemSchema(PairItemSchema):
    """A relationship to change in a batch."""

    idempotency_key = Identifier(
        load_default=None, metadata={"description": "Makes the item one call however often it is sent."}
    )


class PutSchema(PutRelationshipRequest, ChangeItemSchema):
    """One statement of a batch."""


class DeleteItemSchema(ReleaseQuery, ChangeItemSchema):
    """A relationship to remove in a batch."""


class ListItemSchema(RelationshipsQuery):
    """A list to look up in a batch: the same, with numbers as JSON has them."""

    limit = limit(strict=True)
    min_confidence = _bound(Number, 0.0, "0–100, as shown.")
    max_confidence = _bound(Number, 100.0, "0–100, as shown; included.")


class VisitorsItemSchema(ListItemSchema):
    """A user whose visitors are looked up in a batch, a page of them."""

    user_id = Identifier(required=True)


class UsersItemSchema(ListItemSchema):
    """A visitor whose users are looked up in a batch, a page of them."""

    visitor_id = Identifier(required=True)


#: What an item of a batch may ask for, and with what.
ITEMS: Mapping[str, WireSchema] = MappingProxyType(
    {
        "put": PutSchema(),
        "delete": DeleteItemSchema(),
        "get": PairItemSchema(),
        "visitors": VisitorsItemSchema(),
        "users": UsersItemSchema(),
    }
)


class BatchItemSchema(WireSchema):
    """What is to be done with an item of a batch."""

    do = fields.String(load_default="put", validate=validate.OneOf(ITEMS))


class RelationshipsBatchRequest(WireSchema):
    """Items, each what the single call takes in path, query and body, and `do`: put (unless told), delete, get, visitors or users."""

    relationships = fields.List(fields.Dict(keys=fields.String()), required=True)


class RelationshipsBatchResponse(WireSchema):
    """One relationship or problem an item, in order."""

    results = fields.List(fields.Dict(), required=True)


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
