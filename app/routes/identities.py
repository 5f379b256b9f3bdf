"""Read an identity."""

from typing import Any

from app import context, security
from app.calls import identities
from app.openapi import Blueprint
from app.schemas.identities import GraphQuery, GraphResponse, IdentityQuery, IdentityResponse, drawn
from graph.acts import identity_graph

blueprint = Blueprint("identities", __name__, url_prefix="/api/v1", description="People, as far as we can tell.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/identities/<identity_id>")
@blueprint.arguments(IdentityQuery, location="query")
@blueprint.response(200, IdentityResponse)
@blueprint.alt_response(404, success=False)
def get_identity(asked: dict[str, Any], identity_id: str) -> dict[str, Any]:
    """Get the identity that an id belongs to, with its next tenures and their visitors."""
    return identities.get(identity_id, asked)


@blueprint.get("/identities/<identity_id>/graph")
@blueprint.arguments(GraphQuery, location="query")
@blueprint.response(200, GraphResponse)
@blueprint.alt_response(404, success=False)
def get_identity_graph(asked: dict[str, Any], identity_id: str) -> dict[str, Any]:
    """Get the graph around an identity: who belongs to it, what these were seen with, and who else was."""
    wanted = identity_graph.GraphAsked(identity_id, asked["depth"], asked["at"], asked["limit"])
    return drawn(context.graph().read(identity_graph.act, wanted, context.bound(asked["min_confidence"])))
