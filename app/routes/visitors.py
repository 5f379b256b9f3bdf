"""Read a visitor."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.paging import ConfidenceQuery
from app.schemas.visitors import VisitorResponse
from graph.acts import reads

blueprint = Blueprint("visitors", __name__, url_prefix="/api/v1", description="Browsers, each on one device.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/visitors/<visitor_id>")
@blueprint.arguments(ConfidenceQuery, location="query")
@blueprint.response(200, VisitorResponse)
@blueprint.alt_response(404, success=False)
def get_visitor(asked: dict[str, Any], visitor_id: str) -> dict[str, Any]:
    """Get a visitor, its jars, tenures and fingerprints, and whose it was last."""
    bound = context.bound(asked["min_confidence"])
    found, standing = context.graph().read(reads.visitor, visitor_id, bound)
    return {**vars(found), **vars(standing)}
