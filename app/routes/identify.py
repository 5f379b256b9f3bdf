"""Record a login: claim a session's tenure for a user."""

from typing import Any

from app import calls, context, metrics, security
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.identify import IdentifyRequest, IdentifyResponse
from graph.acts import identify, sessions

blueprint = Blueprint("identify", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/identify")
@blueprint.arguments(IdentifyRequest)
@blueprint.response(200, IdentifyResponse)
def post_identify(sent: dict[str, Any]) -> identify.Identified:
    """Record a login: claim the session's tenure, with all its sessions, for the user; tied unclaimed tenures follow."""
    return claim(*calls.login(sent, json_body()))


def claim(command: identify.Identify, beginning: sessions.Beginning | None) -> identify.Identified:
    """Record one login in the graph, and count it in the metrics."""
    database = context.graph()
    if beginning is None:
        result = database.write(identify.act, command)
    else:
        result = database.write(sessions.identify_on, command, beginning)
    if result.duplicate:
        metrics.duplicate("identify")
    else:
        metrics.identify("verified" if result.verified else "claimed" if result.user_id else "placeholder")
    for warning in result.warnings:
        metrics.warning(warning)
    return result
