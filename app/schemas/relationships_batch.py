"""`POST /api/v1/relationships/batch` on the wire."""

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import fields, validate

from app.schemas.merge import MergeRequest
from app.schemas.paging import limit
from app.schemas.relationships import PutRelationshipRequest, RelationshipsQuery, ReleaseQuery, bound
from app.schemas.split import SplitRequest
from app.schemas.visibility import VisibilityRequest
from app.schemas.wire import Identifier, Item, Number, WireSchema


class PairItemSchema(WireSchema):
    """A relationship to look up in a batch."""

    user_id = Identifier(required=True)
    visitor_id = Identifier(required=True)


class ChangeSchema(WireSchema):
    """A change in a batch."""

    idempotency_key = Identifier(
        load_default=None, metadata={"description": "Makes the item one call however often it is sent."}
    )


class PutItemSchema(PutRelationshipRequest, PairItemSchema, ChangeSchema):
    """One statement of a batch."""


class DeleteItemSchema(ReleaseQuery, PairItemSchema, ChangeSchema):
    """A relationship to remove in a batch."""


class MergeItemSchema(MergeRequest, ChangeSchema):
    """A visitor to merge in a batch."""

    visitor_id = Identifier(required=True)


class SplitItemSchema(SplitRequest, ChangeSchema):
    """A visitor to split in a batch."""

    visitor_id = Identifier(required=True)


class VisibilityItemSchema(VisibilityRequest, ChangeSchema):
    """A relationship to hide or show in a batch, or where the visitor is null all of the user."""

    user_id = Identifier(required=True)
    # One that is missing or misspelt by mistake would hide all of the user.
    visitor_id = Identifier(
        required=True,
        allow_none=True,
        error_messages={"required": "Name the visitor, or send null to hide or show all of the user."},
    )


class ListItemSchema(RelationshipsQuery):
    """A list to look up in a batch: the same, with numbers as JSON has them."""

    limit = limit(strict=True)
    min_confidence = bound(Number, 0.0, "0–100, as shown.")
    max_confidence = bound(Number, 100.0, "0–100, as shown; included.")


class VisitorsItemSchema(ListItemSchema):
    """A user whose visitors are looked up in a batch, a page of them."""

    user_id = Identifier(required=True)


class UsersItemSchema(ListItemSchema):
    """A visitor whose users are looked up in a batch, a page of them."""

    visitor_id = Identifier(required=True)


#: What an item of a batch may ask for, and with what.
ITEMS: Mapping[str, WireSchema] = MappingProxyType(
    {
        "put": PutItemSchema(),
        "delete": DeleteItemSchema(),
        "merge": MergeItemSchema(),
        "split": SplitItemSchema(),
        "visibility": VisibilityItemSchema(),
        "get": PairItemSchema(),
        "visitors": VisitorsItemSchema(),
        "users": UsersItemSchema(),
    }
)


class BatchItemSchema(WireSchema):
    """What is to be done with an item of a batch."""

    do = fields.String(load_default="put", validate=validate.OneOf(ITEMS))


class RelationshipsBatchRequest(WireSchema):
    """Items, each what the single call takes in path, query and body, and `do`: put (unless told), delete, merge, split, visibility, get, visitors or users."""

    relationships = fields.List(Item(), required=True)


class RelationshipsBatchResponse(WireSchema):
    """One result or problem an item, in order."""

    results = fields.List(fields.Dict(), required=True)
