"""Begin a session."""

from typing import Any

from app import calls, context, metrics, security, visitor_tokens
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.init import InitRequest, InitResponse
from graph.acts import init
from graph.errors import IdentityGraphError

blueprint = Blueprint("init", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/init")
@blueprint.arguments(InitRequest)
@blueprint.response(200, InitResponse)
def post_init(sent: dict[str, Any]) -> dict[str, Any]:
    """Begin a session: who is this, how sure are we, and why."""
    command = calls.visit(sent, json_body())
    [result] = context.graph().write(init.act, [command])
    if isinstance(result, IdentityGraphError):
        raise result
    metrics.duplicate("init") if result.duplicate else metrics.init(result.match.method)
    for warning in result.warnings:
        metrics.warning(warning)
    token = visitor_tokens.issue(context.caller().tenant, result.jar_id) if result.jar_id else None
    return {**vars(result), "visitor_token": token}
