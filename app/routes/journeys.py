"""Read a journey: events in time order."""

from typing import Any

from app import security
from app.calls import journeys
from app.openapi import Blueprint
from app.schemas.journeys import JourneyQuery, JourneyResponse

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1", description="Events in time order.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/visitors/<subject>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_visitor(asked: dict[str, Any], subject: str) -> dict[str, Any]:
    """List a visitor's events, whoever used it."""
    return journeys.of_visitor(subject, asked)


@blueprint.get("/users/<user_id>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_user(asked: dict[str, Any], user_id: str) -> dict[str, Any]:
    """List a user's events on all devices: those claimed, those that follow by ties, and those probably theirs."""
    return journeys.of_user(user_id, asked)


@blueprint.get("/identities/<subject>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_identity(asked: dict[str, Any], subject: str) -> dict[str, Any]:
    """List the events of the identity that an id belongs to."""
    return journeys.of_identity(subject, asked)
