"""Read an identity."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.identities import IdentityResponse
from app.schemas.paging import ConfidenceQuery
from graph.acts import reads

blueprint = Blueprint("identities", __name__, url_prefix="/api/v1", description="People, as far as we can tell.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/identities/<identity_id>")
@blueprint.arguments(ConfidenceQuery, location="query")
@blueprint.response(200, IdentityResponse)
@blueprint.alt_response(404, success=False)
def get_identity(asked: dict[str, Any], identity_id: str) -> dict[str, Any]:
    """Get the identity that an id belongs to, with its visitors and tenures."""
    bound = context.bound(asked["min_confidence"])
    standing, members = context.graph().read(reads.members, identity_id, bound)
    return {**vars(standing), **vars(members)}
