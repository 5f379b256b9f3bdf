"""Record events (`track`)."""

from collections.abc import Sequence
from dataclasses import replace

from app import context, metrics
from app.calls import properties
from app.calls.arrival import Sent, anonymous_id_of, arrived, message, opts_out
from app.calls.sessions import Prepared, beginning_of, run_in_order
from app.calls.signature import collected_user_id
from graph.acts import sessions, track
from graph.acts.arrival import Arrival
from graph.errors import IdentityGraphError
from graph.model import Warned


def run(sent: Sent, raw: Sent) -> track.Tracked:
    """Record an event, and count it."""
    [tracked] = run_each([prepared(sent, raw)])
    if isinstance(tracked, IdentityGraphError):
        raise tracked
    return tracked


def prepared(sent: Sent, raw: Sent) -> Prepared[track.Track]:
    """Return what a call asks for."""
    arrival = arrived("track", sent)
    user_id, doubtful = _collected(sent, raw, arrival)
    kept, arrival = properties.kept(arrival, "track: properties", sent["properties"], needed={})
    command = track.Track(
        replace(arrival, warnings=(*doubtful, *arrival.warnings)),
        message=message("track", sent, raw),
        session_id=sent["session_id"] or "",
        event_id=arrival.ids.event,
        name=sent["event_name"],
        properties=kept,
        collected_user_id=user_id,
    )
    return Prepared(command, beginning_of(sent, arrival, states=True))


def _collected(sent: Sent, raw: Sent, arrival: Arrival) -> tuple[str | None, tuple[Warned, ...]]:
    """Return the user id that a page names beside its session or browser: evidence, as in `init`."""
    is_beside = sent["session_id"] or anonymous_id_of(sent)
    if arrival.trusted or not is_beside or opts_out() or sent["on_behalf_of"]:
        return None, ()
    return collected_user_id(sent["user_id"], raw.get("userId"), sent, arrival.received_at)


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
