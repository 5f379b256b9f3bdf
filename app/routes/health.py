"""Is the process alive, and can it serve?"""

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from app.context import service
from app.openapi import Blueprint

#: A probe gives up after a few seconds. It should get the reason before that.
READY_SECONDS = 2.0

blueprint = Blueprint("health", __name__, url_prefix="/health", description="For operators of the service.")


class HealthResponse(Schema):
    """The state of the service."""

    status = fields.String(required=True, metadata={"description": "`live` or `ready`."})


@blueprint.get("/live")
@blueprint.response(200, HealthResponse)
def get_live() -> ResponseReturnValue:
    """Answer while the process runs, whatever the state of its database."""
    return {"status": "live"}


@blueprint.get("/ready")
@blueprint.response(200, HealthResponse)
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def get_ready() -> ResponseReturnValue:
    """Answer if Neo4j answers and every constraint exists; if not, answer 503 within two seconds."""
    service().readiness.probe(READY_SECONDS)
    return {"status": "ready"}
