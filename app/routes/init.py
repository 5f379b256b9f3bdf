"""Begin a session."""

from typing import Any

from app import security
from app.calls import init
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.init import InitRequest, InitResponse

blueprint = Blueprint("init", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/init")
@blueprint.arguments(InitRequest)
@blueprint.response(200, InitResponse)
@blueprint.alt_response(409, success=False)
@blueprint.alt_response(410, success=False)
def post_init(sent: dict[str, Any]) -> dict[str, Any]:
    """Begin a session: who is this, how sure are we, and why."""
    return init.run(sent, json_body())
