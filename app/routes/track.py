"""Record an event."""

from typing import Any

from app import security
from app.calls import track
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.track import TrackRequest, TrackResponse
from graph.acts.track import Tracked

blueprint = Blueprint("track", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/track")
@blueprint.arguments(TrackRequest)
@blueprint.response(200, TrackResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
@blueprint.alt_response(410, success=False)
def post_track(sent: dict[str, Any]) -> Tracked:
    """Record an event, and tell whose session it is in."""
    return track.run(sent, json_body())
