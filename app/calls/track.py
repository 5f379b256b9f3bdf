"""Record events (`track`)."""

from collections.abc import Sequence

from app import context, metrics
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import Prepared, beginning_of, run_in_order
from graph.acts import sessions, track
from graph.errors import IdentityGraphError
from graph.store.messages import canonical


def run(sent: Sent, raw: Sent) -> track.Tracked:
    """Record an event, and count it."""
    [tracked] = run_each([prepared(sent, raw)])
    if isinstance(tracked, IdentityGraphError):
        raise tracked
    return tracked


def prepared(sent: Sent, raw: Sent) -> Prepared[track.Track]:
    """Return what a call asks for."""
    arrival = arrived("track", sent)
    command = track.Track(
        arrival,
        message=message("track", sent, raw),
        session_id=sent["session_id"] or "",
        event_id=arrival.ids.event,
        name=sent["event_name"],
        properties=canonical(sent["properties"]),
    )
    return Prepared(command, beginning_of(sent, arrival, states=True))


def run_each(calls: Sequence[Prepared[track.Track]]) -> list[track.Tracked | IdentityGraphError]:
    """Record events in their order, and count them; a refusal is a result."""
    results = run_in_order(context.grouped().track, sessions.track_on, calls)
    for result in results:
        if not isinstance(result, IdentityGraphError):
            _count(result)
    return results


def _count(tracked: track.Tracked) -> None:
    if tracked.duplicate:
        metrics.duplicate("track")
    else:
        metrics.events()
    for code in tracked.warnings:
        metrics.warning(code)
