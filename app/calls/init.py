"""Begin a session (`init`), and recognise the visitor of any visit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app import context, metrics, visitor_tokens
from app.calls.arrival import Sent, arrived, message, opts_out
from app.calls.jar import jar_of_visit, spare_jar_id
from app.calls.signature import collected_user_id
from graph.acts import init
from graph.errors import IdentityGraphError
from graph.model import Fingerprint, Observed, Warned
from graph.rules import plausibility, times
from graph.store.messages import canonical


def run(sent: Sent, raw: Sent) -> dict[str, Any]:
    """Begin a session, and return its visitor with the token of its jar."""
    [initiated] = recognise("init", [visit("init", sent, raw)])
    if isinstance(initiated, IdentityGraphError):
        raise initiated
    return {**vars(initiated), "visitor_token": visitor_token(initiated)}


def visit(call: str, sent: Sent, raw: Sent) -> init.Init:
    """Return the command of an `init` or a `collect`."""
    sent = {**sent, "consent": sent["consent"] and not opts_out()}
    arrival = arrived(call, sent)
    received_at, policy = arrival.received_at, arrival.policy
    jar, disagreeing = jar_of_visit(sent, received_at)
    fingerprint, implausible = _fingerprint(sent["fingerprint"], arrival.observed, received_at)
    user_id, doubtful = collected_user_id(_user_id(sent), raw["userId"] if sent["user_id"] else None, sent, received_at)
    late = _too_early(call, received_at) if times.is_too_early(arrival.at, received_at, policy) else ()
    return init.Init(
        arrival=replace(
            arrival,
            at=times.first_possible(arrival.at, received_at, policy),
            warnings=(*disagreeing, *implausible, *doubtful, *arrival.warnings, *late),
        ),
        message=message(call, sent, raw),
        jar_id=jar.id,
        jar_kind=jar.kind,
        jar_method=jar.method,
        is_by_holder=jar.is_held or arrival.trusted,
        fingerprint=fingerprint,
        user_id=user_id,
        reset=sent["reset"],
        consent=sent["consent"],
        has_session=call == "init",
        spare_jar_id=spare_jar_id(jar),
        is_one_too_many=_is_one_too_many(fingerprint if sent["consent"] else None, is_trusted=arrival.trusted),
    )


def recognise(call: str, commands: Sequence[init.Init]) -> list[init.Initiated | IdentityGraphError]:
    """Recognise the visitor of each visit, and count the visits; a refusal is a result."""
    results = context.together(context.grouped().init, commands)
    for result in results:
        if isinstance(result, IdentityGraphError):
            continue
        if result.duplicate:
            metrics.duplicate(call)
        else:
            metrics.init(result.match.method)
        for code in result.warnings:
            metrics.warning(code)
    return results


def visitor_token(initiated: init.Initiated) -> str | None:
    """Return the token of the visit's jar; None without consent."""
    if initiated.jar_id is None:
        return None
    return visitor_tokens.issue(context.caller().tenant, initiated.jar_id, is_named=not initiated.is_by_holder)


def _fingerprint(
    sent: Sent | None, observed: Observed, received_at: datetime
) -> tuple[Fingerprint | None, tuple[Warned, ...]]:
    """Return the fingerprint of a visit; None and a warning if it is implausible, which is not kept otherwise."""
    if sent is None:
        return None, ()
    components = sent["components"] or {}
    oddity = plausibility.hash_oddity(sent["visitor_id"]) or plausibility.components_oddity(
        components, browser=observed.browser, os=observed.os
    )
    if oddity is not None:
        return None, (Warned("implausible_fingerprint", sent["visitor_id"], oddity, received_at),)
    return Fingerprint(sent["visitor_id"], sent["confidence"], canonical(components) if components else None), ()


def _is_one_too_many(fingerprint: Fingerprint | None, *, is_trusted: bool) -> bool:
    """Whether the client's address has shown more fingerprints than are believed; those that a server sends are not counted."""
    return fingerprint is not None and not is_trusted and not context.may_show(fingerprint.hash)


def _user_id(sent: Sent) -> str | None:
    """Return the user id that came with a visit, else the one that a collector put into its fingerprint's metadata."""
    metadata = sent["fingerprint"]["metadata"] if sent["fingerprint"] else None
    user_id: str | None = sent["user_id"] or (metadata["user_id"] if metadata else None)
    return user_id


def _too_early(call: str, received_at: datetime) -> tuple[Warned, ...]:
    why = "it began before late deliveries reach, and was set to the earliest that they do"
    return (Warned("timestamp_too_early", call, why, received_at),)
