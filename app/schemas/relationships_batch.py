"""`POST /api/v1/relationships/batch` on the wire."""

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import Schema, fields, validate

from app.schemas.link import LinkRequest, LinkResponse, UnlinkQuery
from app.schemas.merge import MergeRequest, MergeResponse
from app.schemas.paging import limit
from app.schemas.relationships import (
    PairSchema,
    PutRelationshipRequest,
    PutRelationshipResponse,
    RelationshipsQuery,
    ReleaseQuery,
    UsersOfVisitorResponse,
    VisitorsOfUserResponse,
    confidence_field,
)
from app.schemas.split import SplitRequest, SplitResponse
from app.schemas.visibility import VisibilityRequest, VisibilityResponse
from app.schemas.wire import Identifier, Item, Number, RepeatableSchema, UserId, WireSchema


class PairItemSchema(WireSchema):
    """A pair of a user and a visitor in a batch; alone, a relationship to look up."""

    user_id = UserId(required=True)
    visitor_id = Identifier(required=True)


class ChangeSchema(WireSchema):
    """A change in a batch, which may have an idempotency key."""

    idempotency_key = Identifier(
        load_default=None, metadata={"description": "The item is done once, however often it is sent with this key."}
    )


class PutItemSchema(PutRelationshipRequest, PairItemSchema, ChangeSchema):
    """A statement in a batch."""


class DeleteItemSchema(ReleaseQuery, PairItemSchema, ChangeSchema):
    """A relationship to remove in a batch."""


class DeleteItemResponse(RepeatableSchema):
    """A relationship that a batch removed."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(required=True)
    deleted = fields.Boolean(required=True)


class LinkItemSchema(LinkRequest, ChangeSchema):
    """A user to link with another one in a batch."""

    user_id = UserId(required=True)


class UnlinkItemSchema(UnlinkQuery, ChangeSchema):
    """Two users whose link a batch undoes."""

    user_id = UserId(required=True)
    to = UserId(required=True)


class UnlinkItemResponse(RepeatableSchema):
    """Two users whose link a batch undid."""

    user_id = fields.String(required=True)
    to = fields.String(required=True)
    deleted = fields.Boolean(required=True)


class MergeItemSchema(MergeRequest, ChangeSchema):
    """A visitor to merge in a batch."""

    visitor_id = Identifier(required=True)


class SplitItemSchema(SplitRequest, ChangeSchema):
    """A visitor to split in a batch."""

    visitor_id = Identifier(required=True)


class VisibilityItemSchema(VisibilityRequest, ChangeSchema):
    """A relationship to hide or show in a batch; if the visitor is null, the user."""

    user_id = UserId(required=True)
    # If `visitorId` were optional, leaving it out or misspelling it would hide the whole user by mistake.
    visitor_id = Identifier(
        required=True,
        allow_none=True,
        error_messages={"required": "Name the visitor, or send null to hide or show all of the user."},
    )


class ListItemSchema(RelationshipsQuery):
    """A list to look up in a batch. It takes the same fields as the query, but as JSON numbers."""

    limit = limit(strict=True)
    min_confidence = confidence_field(Number, 0.0, "0–100, as shown.")
    max_confidence = confidence_field(Number, 100.0, "0–100, as shown; included.")


class VisitorsItemSchema(ListItemSchema):
    """A user of whose visitors a batch looks up a page."""

    user_id = UserId(required=True)


class UsersItemSchema(ListItemSchema):
    """A visitor of whose users a batch looks up a page."""

    visitor_id = Identifier(required=True)


#: The schema of an item, by the value of its `do`.
ITEMS: Mapping[str, WireSchema] = MappingProxyType(
    {
        "put": PutItemSchema(),
        "delete": DeleteItemSchema(),
        "link": LinkItemSchema(),
        "unlink": UnlinkItemSchema(),
        "merge": MergeItemSchema(),
        "split": SplitItemSchema(),
        "visibility": VisibilityItemSchema(),
        "get": PairItemSchema(),
        "visitors": VisitorsItemSchema(),
        "users": UsersItemSchema(),
    }
)
#: The schema of the answer to an item, by the value of its `do`.
ANSWERS: Mapping[str, Schema] = MappingProxyType(
    {
        "put": PutRelationshipResponse(),
        "delete": DeleteItemResponse(),
        "link": LinkResponse(),
        "unlink": UnlinkItemResponse(),
        "merge": MergeResponse(),
        "split": SplitResponse(),
        "visibility": VisibilityResponse(),
        "get": PairSchema(),
        "visitors": VisitorsOfUserResponse(),
        "users": UsersOfVisitorResponse(),
    }
)


class BatchItemSchema(WireSchema):
    """What to do with an item of a batch."""

    do = fields.String(load_default="put", validate=validate.OneOf(ITEMS))


class RelationshipsBatchRequest(WireSchema):
    """Items, each with the fields that the single call takes in its path, query and body.

    `do` is put (the default), delete, link, unlink, merge, split, visibility, get, visitors or users.
    """

    relationships = fields.List(Item(), required=True)


class RelationshipsBatchResponse(WireSchema):
    """One result or problem for each item, in order."""

    results = fields.List(fields.Dict(), required=True)
