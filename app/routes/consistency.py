"""Check the graph."""

from typing import Any

from app import security
from app.calls import consistency
from app.openapi import Blueprint
from app.schemas import consistency as schemas
from app.schemas.consistency import ConsistencyRequest, ConsistencyResponse
from graph.acts.consistency import Report

blueprint = Blueprint(
    "consistency", __name__, url_prefix="/api/v1", description="Whether the graph agrees with itself."
)
blueprint.before_request(security.require_secret_key)


@blueprint.post("/consistency/check")
@blueprint.arguments(ConsistencyRequest)
@blueprint.response(200, ConsistencyResponse)
def post_check(sent: dict[str, Any]) -> Report:
    """Check the tenant's graph, all of it or a number of nodes, and on request repair whatever follows from other facts.

    It takes a second for 700 visitors or 5,000 events. `python -m app consistency check` does the same, and no HTTP
    client has to wait for it.
    """
    start = schemas.place(sent["cursor"])
    return consistency.run(is_repairing=sent["repair"], start=start, limit=sent["limit"])
