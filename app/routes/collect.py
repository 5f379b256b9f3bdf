"""Collect a fingerprint without a session."""

from typing import Any

from app import security
from app.calls import collect
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.collect import CollectRequest, CollectResponse

blueprint = Blueprint("collect", __name__)
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/collect")
@blueprint.arguments(CollectRequest)
@blueprint.response(200, CollectResponse)
@blueprint.alt_response(409, success=False)
@blueprint.alt_response(410, success=False)
def post_collect(sent: dict[str, Any]) -> dict[str, Any]:
    """Store a fingerprint and its associations with the matching visitor and with the user id that came with it.

    Matching works as in `init`.
    """
    return collect.run(sent, json_body())
