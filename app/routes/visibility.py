"""Hide and show users and relationships."""

from typing import Any

from app import security
from app.calls import visibility
from app.openapi import Blueprint
from app.schemas.visibility import VisibilityRequest, VisibilityResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts.visibility import Shown

blueprint = Blueprint("visibility", __name__, url_prefix="/api/v1", description="What reads include.")
blueprint.before_request(security.require_secret_key)


@blueprint.put("/users/<user_id>/visitors/<visitor_id>/visibility")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(VisibilityRequest)
@blueprint.response(200, VisibilityResponse)
@blueprint.alt_response(404, success=False)
def put_visibility_of_relationship(
    headers: dict[str, Any], sent: dict[str, Any], user_id: str, visitor_id: str
) -> Shown:
    """Hide or show a user's relationship with a visitor, and the user's events there.

    A hidden user is still recognised, and still protects from wrong merges.
    """
    return visibility.run(user_id, visitor_id, sent, headers["idempotency_key"])


@blueprint.put("/users/<user_id>/visibility")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(VisibilityRequest)
@blueprint.response(200, VisibilityResponse)
@blueprint.alt_response(404, success=False)
def put_visibility_of_user(headers: dict[str, Any], sent: dict[str, Any], user_id: str) -> Shown:
    """Hide or show a user, with all their relationships and events.

    A hidden user is still recognised, and still protects from wrong merges.
    """
    return visibility.run(user_id, None, sent, headers["idempotency_key"])
