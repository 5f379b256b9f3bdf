"""Record an event (`track`)."""

from app import context, metrics
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import beginning_of
from graph.acts import sessions, track
from graph.errors import IdentityGraphError
from graph.store.messages import canonical


def run(sent: Sent, raw: Sent) -> track.Tracked:
    """Record an event, and count it."""
    arrival = arrived("track", sent)
    command = track.Track(
        arrival,
        message=message("track", sent, raw),
        session_id=sent["session_id"] or "",
        event_id=arrival.ids.event,
        name=sent["event_name"],
        properties=canonical(sent["properties"]),
    )
    beginning = beginning_of(sent, arrival)
    tracked: track.Tracked | IdentityGraphError
    if beginning is None:
        [tracked] = context.graph().write(track.act, [command])
    else:
        tracked = context.graph().write(sessions.track_on, command, beginning)
    if isinstance(tracked, IdentityGraphError):
        raise tracked
    if tracked.duplicate:
        metrics.duplicate("track")
    else:
        metrics.events()
    for warned in arrival.warnings:
        metrics.warning(warned.code)
    return tracked
