"""Merge visitors."""

from typing import Any

from app import security
from app.calls import merge
from app.openapi import Blueprint
from app.schemas.merge import MergeRequest, MergeResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts.merge import Merged

blueprint = Blueprint("merge", __name__, url_prefix="/api/v1", description="Merge visitors that are one browser.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/visitors/<visitor_id>/merge")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(MergeRequest)
@blueprint.response(200, MergeResponse)
@blueprint.alt_response(404, success=False)
def post_merge(headers: dict[str, Any], sent: dict[str, Any], visitor_id: str) -> Merged:
    """Merge a visitor into another, which stands for both from now on; no data are moved.

    If the two are in one merge group already, the answer has `changed: false`. The merge is refused if their latest
    tenures belong to different users, unless it is forced with a reason.
    """
    return merge.run(visitor_id, sent, headers["idempotency_key"])
