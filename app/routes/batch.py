"""Make many calls in one request."""

from typing import Any

from app import security
from app.calls import batch
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.batch import BatchRequest, BatchResponse

blueprint = Blueprint("batch", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/batch")
@blueprint.arguments(BatchRequest)
@blueprint.response(200, BatchResponse)
def post_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """Make calls in the order of the list; each gets its own result or problem, and a failed one stops no other."""
    return {"results": batch.run(sent["events"], json_body())}
