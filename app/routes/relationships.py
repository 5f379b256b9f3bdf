"""Read and change the relationships of users and visitors."""

from typing import Any

from app import security
from app.calls import put, relationships, relationships_batch, release
from app.openapi import Blueprint
from app.schemas.relationships import (
    PairSchema,
    PutRelationshipRequest,
    PutRelationshipResponse,
    RelationshipsQuery,
    ReleaseQuery,
    UsersOfVisitorResponse,
    VisitorsOfUserResponse,
)
from app.schemas.relationships_batch import PairItemSchema, RelationshipsBatchRequest, RelationshipsBatchResponse
from app.schemas.wire import IdempotencyHeaders

blueprint = Blueprint("relationships", __name__, url_prefix="/api/v1", description="Who used which browser.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/users/<user_id>/visitors")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, VisitorsOfUserResponse)
@blueprint.alt_response(404, success=False)
def get_visitors_of_user(asked: dict[str, Any], user_id: str) -> dict[str, Any]:
    """List the visitors on which a user was seen, strongest first."""
    return relationships.of_user(user_id, asked)


@blueprint.get("/visitors/<visitor_id>/users")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, UsersOfVisitorResponse)
@blueprint.alt_response(404, success=False)
def get_users_of_visitor(asked: dict[str, Any], visitor_id: str) -> dict[str, Any]:
    """List the users seen on a visitor, strongest first."""
    return relationships.of_visitor(visitor_id, asked)


@blueprint.get("/users/<user_id>/visitors/<visitor_id>")
@blueprint.response(200, PairSchema)
@blueprint.alt_response(404, success=False)
def get_relationship(user_id: str, visitor_id: str) -> dict[str, Any]:
    """Get the relationship of a user and a visitor, if the user was seen on it."""
    return relationships.get(user_id, visitor_id)


@blueprint.put("/users/<user_id>/visitors/<visitor_id>")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(PutRelationshipRequest)
@blueprint.response(200, PutRelationshipResponse)
@blueprint.alt_response(404, success=False)
def put_relationship(headers: dict[str, Any], sent: dict[str, Any], user_id: str, visitor_id: str) -> dict[str, Any]:
    """State how sure it is that a user used a visitor.

    A statement counts as one more association. It claims nothing unless `claim` is true.
    """
    return put.run({**sent, **headers, **PairItemSchema().load({"userId": user_id, "visitorId": visitor_id})})


@blueprint.delete("/users/<user_id>/visitors/<visitor_id>")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(ReleaseQuery, location="query")
@blueprint.response(204)
@blueprint.alt_response(404, success=False)
def delete_relationship(headers: dict[str, Any], asked: dict[str, Any], user_id: str, visitor_id: str) -> None:
    """Take a user from a visitor: release the user's claims there, and open a cannot-link between the two.

    A later login or statement can contradict the cannot-link and close it.
    """
    release.run(user_id, visitor_id, asked, headers["idempotency_key"])


@blueprint.post("/relationships/batch")
@blueprint.arguments(RelationshipsBatchRequest)
@blueprint.response(200, RelationshipsBatchResponse)
def post_relationships_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """State, remove and look up many relationships, merge and split visitors, and hide users, in one request.

    Items are done in order. Each gets its own result or problem, and a failed item stops no other. Consecutive
    statements share one transaction. Once the database fails, the remaining items are not tried.
    """
    return {"results": relationships_batch.run(sent["relationships"])}
