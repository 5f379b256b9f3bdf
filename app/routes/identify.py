"""Record a login: claim a session's tenure for a user."""

from typing import Any

from app import security
from app.calls import identify
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.identify import IdentifyRequest, IdentifyResponse
from graph.acts.identify import Identified

blueprint = Blueprint("identify", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/identify")
@blueprint.arguments(IdentifyRequest)
@blueprint.response(200, IdentifyResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
@blueprint.alt_response(410, success=False)
def post_identify(sent: dict[str, Any]) -> Identified:
    """Record a login: claim the session's tenure, with all its sessions, for the user; tied unclaimed tenures follow."""
    return identify.run(sent, json_body())
