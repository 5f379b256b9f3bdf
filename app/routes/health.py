"""Is the process alive, and can it serve?"""

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from app.context import service
from app.openapi import Blueprint

#: A probe gives up after a few seconds; it should hear why before it does.
READY_SECONDS = 2.0

blueprint = Blueprint("health", __name__, url_prefix="/health", description="For whoever runs the service")


class HealthResponse(Schema):
    """How the service is."""

    status = fields.String(required=True, metadata={"description": "`live` or `ready`."})


@blueprint.get("/live")
@blueprint.response(200, HealthResponse)
def get_live() -> ResponseReturnValue:
    """The process answers, whatever its database does."""
    return {"status": "live"}


@blueprint.get("/ready")
@blueprint.response(200, HealthResponse)
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def get_ready() -> ResponseReturnValue:
    """The database answers and every constraint is there; 503 within two seconds if not."""
    service().readiness.probe(READY_SECONDS)
    return {"status": "ready"}
