"""Record an event."""

from typing import Any

from app import calls, context, metrics, security
from app.json_body import json_body
from app.openapi import Blueprint
from app.schemas.track import TrackRequest, TrackResponse
from graph.acts import sessions, track
from graph.errors import IdentityGraphError

blueprint = Blueprint("track", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)


@blueprint.post("/eventTracking/track")
@blueprint.arguments(TrackRequest)
@blueprint.response(200, TrackResponse)
def post_track(sent: dict[str, Any]) -> track.Tracked:
    """Record an event, and tell whose session it is in."""
    result = record(*calls.event(sent, json_body()))
    if isinstance(result, IdentityGraphError):
        raise result
    return result


def record(command: track.Track, beginning: sessions.Beginning | None) -> track.Tracked | IdentityGraphError:
    """Record one event in the graph, and count it in the metrics."""
    if beginning is None:
        [result] = context.graph().write(track.act, [command])
    else:
        result = context.graph().write(sessions.track_on, command, beginning)
    if isinstance(result, track.Tracked):
        metrics.duplicate("track") if result.duplicate else metrics.events()
        for warned in command.arrival.warnings:
            metrics.warning(warned.code)
    return result
