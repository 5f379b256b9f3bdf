"""Record a login (`identify`)."""

from app import context, metrics
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import beginning_of
from app.calls.signature import is_verified
from graph.acts import identify, sessions
from graph.acts.later import only
from graph.store.messages import canonical


def run(sent: Sent, raw: Sent) -> identify.Identified:
    """Record a login, and count it.

    Raises `Forbidden` if the user id's signature is invalid, or is missing while the tenant demands one.
    """
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
    beginning = beginning_of(sent, arrival)
    if beginning is None:
        identified = only(context.graph().write(identify.act, [command]))
    else:
        identified = context.graph().write(sessions.identify_on, command, beginning)
    if identified.duplicate:
        metrics.duplicate("identify")
    else:
        metrics.identify("verified" if identified.verified else "claimed" if identified.user_id else "placeholder")
    for code in identified.warnings:
        metrics.warning(code)
    return identified
