"""Split visitors."""

from typing import Any

from app import security
from app.calls import split
from app.openapi import Blueprint
from app.schemas.split import SplitRequest, SplitResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts.split import Separated

blueprint = Blueprint("split", __name__, url_prefix="/api/v1", description="Split a visitor that is several browsers.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/visitors/<visitor_id>/split")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(SplitRequest)
@blueprint.response(200, SplitResponse)
@blueprint.alt_response(404, success=False)
def post_split(headers: dict[str, Any], sent: dict[str, Any], visitor_id: str) -> Separated:
    """Undo the merge of the visitor with this id, or take a part out of it; later matching obeys the split.

    Nothing is lost. The edges that a wrong link brought are closed, and ownership follows from the remaining facts.
    """
    return split.run(visitor_id, sent, headers["idempotency_key"])
