"""Read the warnings: odd input and refused calls."""

from typing import Any

from app import security
from app.calls import warnings
from app.openapi import Blueprint
from app.schemas.warnings import WarningsQuery, WarningsResponse

blueprint = Blueprint("warnings", __name__, url_prefix="/api/v1", description="Refused calls and odd input.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/warnings")
@blueprint.arguments(WarningsQuery, location="query")
@blueprint.response(200, WarningsResponse)
def get_warnings(asked: dict[str, Any]) -> dict[str, Any]:
    """List odd input and refusals, newest first."""
    return warnings.run(asked)
