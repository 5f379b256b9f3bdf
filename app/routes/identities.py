"""Read an identity."""

from typing import Any

from app import security
from app.calls import identities
from app.openapi import Blueprint
from app.schemas.identities import IdentityQuery, IdentityResponse

blueprint = Blueprint("identities", __name__, url_prefix="/api/v1", description="People, as far as we can tell.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/identities/<identity_id>")
@blueprint.arguments(IdentityQuery, location="query")
@blueprint.response(200, IdentityResponse)
@blueprint.alt_response(404, success=False)
def get_identity(asked: dict[str, Any], identity_id: str) -> dict[str, Any]:
    """Get the identity that an id belongs to, with its next tenures and their visitors."""
    return identities.get(identity_id, asked)
