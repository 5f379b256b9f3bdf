"""Read a visitor."""

from typing import Any

from app import security
from app.calls import visitors
from app.openapi import Blueprint
from app.schemas.visitors import VisitorQuery, VisitorResponse

blueprint = Blueprint("visitors", __name__, url_prefix="/api/v1", description="Browsers, each on one device.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/visitors/<visitor_id>")
@blueprint.arguments(VisitorQuery, location="query")
@blueprint.response(200, VisitorResponse)
@blueprint.alt_response(404, success=False)
def get_visitor(asked: dict[str, Any], visitor_id: str) -> dict[str, Any]:
    """Get a visitor, the next of its jars, tenures and fingerprints, and whose it was last."""
    return visitors.get(visitor_id, asked)
