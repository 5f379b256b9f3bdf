"""Record logins (`identify`)."""

from collections.abc import Sequence

from app import context, metrics
from app.calls import properties
from app.calls.arrival import Sent, arrived, message
from app.calls.sessions import Prepared, beginning_of, run_in_order
from app.calls.signature import is_verified
from graph.acts import identify, sessions
from graph.errors import IdentityGraphError


def run(sent: Sent, raw: Sent) -> identify.Identified:
    """Record a login, and count it.

    Raises `Forbidden` if the user id's signature is invalid, or is missing while the tenant demands one.
    """
    [identified] = run_each([prepared(sent, raw)])
    if isinstance(identified, IdentityGraphError):
        raise identified
    return identified


def prepared(sent: Sent, raw: Sent) -> Prepared[identify.Identify]:
    """Return what a call asks for; raises `Forbidden` as `run` does."""
    arrival = arrived("identify", sent)
    user_id = sent["user_properties"]["user_id"]
    on_behalf = {"onBehalfOf": True} if sent["on_behalf_of"] else {}
    said, needed = raw["userProperties"], {"userId": raw["userProperties"]["userId"]}
    kept, arrival = properties.kept(
        arrival, "identify: userProperties", {**said, **on_behalf}, needed={**needed, **on_behalf}
    )
    verified = is_verified(user_id, raw["userProperties"]["userId"], sent)
    command = identify.Identify(
        arrival,
        message=message("identify", sent, raw),
        session_id=sent["session_id"] or "",
        user_id=user_id,
        verified=verified,
        properties=kept,
        on_behalf_of=sent["on_behalf_of"],
        is_one_too_many=not (verified or sent["on_behalf_of"]) and not context.may_claim(user_id),
    )
    return Prepared(command, beginning_of(sent, arrival, states=False))


def run_each(calls: Sequence[Prepared[identify.Identify]]) -> list[identify.Identified | IdentityGraphError]:
    """Record logins in their order, and count them; a refusal is a result."""
    results = run_in_order(context.grouped().identify, sessions.identify_on, calls)
    for result in results:
        if not isinstance(result, IdentityGraphError):
            _count(result)
    return results


def _count(identified: identify.Identified) -> None:
    if identified.duplicate:
        metrics.duplicate("identify")
    else:
        metrics.identify("verified" if identified.verified else "claimed" if identified.user_id else "unclaimed")
    for code in identified.warnings:
        metrics.warning(code)
