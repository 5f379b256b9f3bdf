"""Split visitors."""

from typing import Any

from app import changes, security
from app.openapi import Blueprint
from app.schemas.split import SplitRequest, SplitResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts import split

blueprint = Blueprint("split", __name__, url_prefix="/api/v1", description="One visitor that is two browsers.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/visitors/<visitor_id>/split")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(SplitRequest)
@blueprint.response(200, SplitResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
def post_split(headers: dict[str, Any], sent: dict[str, Any], visitor_id: str) -> split.Apart:
    """Undo the merge of a visitor, by its own id, or take a part out of it; what is sent later obeys.

    Nothing is lost: what a wrong link brought is closed, and everything belongs to whom the other facts say.
    """
    return changes.split_off(visitor_id, sent, headers["idempotency_key"])
