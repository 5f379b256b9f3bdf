"""Record events (`track`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import context, metrics
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import beginning_of
from graph.acts import sessions, track
from graph.acts.sessions import Beginning
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError
from graph.store.messages import canonical


@dataclass(frozen=True)
class Prepared:
    """An event to record; `beginning` is None if the call names its session."""

    command: track.Track
    beginning: Beginning | None


def run(sent: Sent, raw: Sent) -> track.Tracked:
    """Record an event, and count it."""
    [tracked] = run_each([prepared(sent, raw)])
    if isinstance(tracked, IdentityGraphError):
        raise tracked
    return tracked


def prepared(sent: Sent, raw: Sent) -> Prepared:
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
    return Prepared(command, beginning_of(sent, arrival))


def run_each(calls: Sequence[Prepared]) -> list[track.Tracked | IdentityGraphError]:
    """Record events in their order, and count them; a refusal is a result.

    Events that name their sessions share transactions, unless one among them has to find or begin its session first.
    """
    if any(call.beginning for call in calls):
        results = [_run_alone(call) for call in calls]
    else:
        results = context.together(context.grouped().track, [call.command for call in calls])
    for call, result in zip(calls, results, strict=True):
        if not isinstance(result, IdentityGraphError):
            _count(call.command, result)
    return results


def _run_alone(call: Prepared) -> track.Tracked | IdentityGraphError:
    if call.beginning is None:
        [tracked] = context.together(context.grouped().track, [call.command])
        return tracked
    try:
        return context.graph().write(sessions.track_on, call.command, call.beginning)
    except (GraphUnavailable, GraphTimeout):
        raise
    except IdentityGraphError as error:
        return error


def _count(command: track.Track, tracked: track.Tracked) -> None:
    if tracked.duplicate:
        metrics.duplicate("track")
    else:
        metrics.events()
    for warned in command.arrival.warnings:
        metrics.warning(warned.code)
