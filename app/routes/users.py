"""Read a user."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.users import UserResponse
from graph.acts import reads

blueprint = Blueprint("users", __name__, url_prefix="/api/v1", description="The customer's own accounts.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/users/<user_id>")
@blueprint.response(200, UserResponse)
@blueprint.alt_response(404, success=False)
def get_user(user_id: str) -> dict[str, Any]:
    """Get a user of whom something is known; a hidden user is not found."""
    found = context.graph().read(reads.user, user_id)
    return {**vars(found), "confidence": 1.0}
