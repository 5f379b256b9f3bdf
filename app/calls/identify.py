"""Record logins (`identify`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import context, metrics
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import beginning_of
from app.calls.signature import is_verified
from graph.acts import identify, sessions
from graph.acts.sessions import Beginning
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError
from graph.store.messages import canonical


@dataclass(frozen=True)
class Prepared:
    """A login to record; `beginning` is None if the call names its session."""

    command: identify.Identify
    beginning: Beginning | None


def run(sent: Sent, raw: Sent) -> identify.Identified:
    """Record a login, and count it.

    Raises `Forbidden` if the user id's signature is invalid, or is missing while the tenant demands one.
    """
    [identified] = run_each([prepared(sent, raw)])
    if isinstance(identified, IdentityGraphError):
        raise identified
    return identified


def prepared(sent: Sent, raw: Sent) -> Prepared:
    """Return what a call asks for; raises `Forbidden` as `run` does."""
    arrival = arrived("identify", sent)
    user_id = sent["user_properties"]["user_id"]
    command = identify.Identify(
        arrival,
        message=message("identify", sent, raw),
        session_id=sent["session_id"] or "",
        user_id=user_id,
        verified=is_verified(user_id, sent),
        properties=canonical(raw["userProperties"]),
    )
    return Prepared(command, beginning_of(sent, arrival))


def run_each(calls: Sequence[Prepared]) -> list[identify.Identified | IdentityGraphError]:
    """Record logins in their order, and count them; a refusal is a result.

    Logins that name their sessions share transactions, unless one among them has to find or begin its session first.
    """
    if any(call.beginning for call in calls):
        results = [_run_alone(call) for call in calls]
    else:
        results = context.together(context.grouped().identify, [call.command for call in calls])
    for result in results:
        if not isinstance(result, IdentityGraphError):
            _count(result)
    return results


def _run_alone(call: Prepared) -> identify.Identified | IdentityGraphError:
    if call.beginning is None:
        [identified] = context.together(context.grouped().identify, [call.command])
        return identified
    try:
        return context.graph().write(sessions.identify_on, call.command, call.beginning)
    except (GraphUnavailable, GraphTimeout):
        raise
    except IdentityGraphError as error:
        return error


def _count(identified: identify.Identified) -> None:
    if identified.duplicate:
        metrics.duplicate("identify")
    else:
        metrics.identify("verified" if identified.verified else "claimed" if identified.user_id else "placeholder")
    for code in identified.warnings:
        metrics.warning(code)
