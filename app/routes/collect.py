"""Collect a fingerprint without a session."""

from collections.abc import Mapping
from typing import Any

from app import calls, context, metrics, security, visitor_tokens
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.collect import CollectRequest, CollectResponse
from graph.acts import init
from graph.errors import IdentityGraphError

blueprint = Blueprint("collect", __name__)
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/collect")
@blueprint.arguments(CollectRequest)
@blueprint.response(200, CollectResponse)
@blueprint.alt_response(409, success=False)
def post_collect(sent: dict[str, Any]) -> dict[str, Any]:
    """Store a fingerprint and its associations with the matching visitor and with the user id that came with it.

    Matching works as in `init`.
    """
    return collect(sent, json_body())


def collect(sent: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Collect one fingerprint in the graph, and count it in the metrics."""
    command = calls.visit({**sent, "reset": False}, raw, "collect")
    [result] = context.graph().write(init.act, [command])
    if isinstance(result, IdentityGraphError):
        raise result
    metrics.duplicate("collect") if result.duplicate else metrics.init(result.match.method)
    for warning in result.warnings:
        metrics.warning(warning)
    return {
        **vars(result),
        "visitor_token": visitor_tokens.issue(context.caller().tenant, result.jar_id) if result.jar_id else None,
        "fingerprint_id": command.fingerprint.hash if command.fingerprint and command.consent else None,
        "user_id": command.user_id if command.consent else None,
    }
