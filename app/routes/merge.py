"""Merge visitors."""

from typing import Any

from app import changes, security
from app.openapi import Blueprint
from app.schemas.merge import MergeRequest, MergeResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts import merge

blueprint = Blueprint("merge", __name__, url_prefix="/api/v1", description="Two visitors that are one browser.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/visitors/<visitor_id>/merge")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(MergeRequest)
@blueprint.response(200, MergeResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
def post_merge(headers: dict[str, Any], sent: dict[str, Any], visitor_id: str) -> merge.Merged:
    """Merge a visitor into another: it counts for that from now on, and nothing is moved.

    What is one already is answered as it is. Two that are different users' are refused, unless forced with a reason.
    """
    return changes.merged(visitor_id, sent, headers["idempotency_key"])
