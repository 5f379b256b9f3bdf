"""Describe how a call arrived: who sent it, when, and what the server saw of the client."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import g, request
from werkzeug.datastructures import Headers

from app import context
from app.calls.content import content
from app.enrichment import device
from app.schemas import decoration
from graph.acts import identify, messages
from graph.acts.arrival import Arrival
from graph.model import Message, NewIds, Observed, Origin, Page, Warned
from graph.rules import addresses, times
from graph.rules.placeholders import is_placeholder

#: The fields of a call. As `sent` they are loaded by a schema, as `raw` they are still as on the wire.
Sent = Mapping[str, Any]

TOO_EARLY = "timestamp_too_early"
#: Calls that begin a visit, or are one.
VISITS = frozenset({"init", "collect"})


def arrived(call: str, sent: Sent) -> Arrival:
    """Describe how a call from a page or a server arrived; its time is corrected by the server's clock."""
    received_at = times.whole_milliseconds(context.now())
    caller = context.caller()
    # No time in the graph is earlier, and what is reckoned from one near the year 1 would have no time.
    at = max(times.corrected(sent["timestamp"], sent["sent_at"], received_at), times.BEGINNING)
    # A visit has its own rule, since it needs no session that is open (app/calls/init.py).
    is_absurd = call not in VISITS and sent["sent_at"] is None and times.is_too_early(at, received_at, context.policy())
    anonymous_id = anonymous_id_of(sent)
    return Arrival(
        at=received_at if is_absurd else at,
        received_at=received_at,
        observed=observed(),
        page=Page(**sent["page"]),
        trusted=caller.trusted,
        actor=caller.actor,
        policy=context.policy(),
        ids=NewIds(context.ids()),
        hashing=context.hashing(),
        warnings=(
            *_mended(call, sent, received_at),
            *_nobody(sent, anonymous_id, received_at),
            *_unused(call, sent, anonymous_id, received_at),
            *_ahead(call, sent, received_at),
            *(_absurd(call, received_at) if is_absurd else ()),
        ),
    )


def message(call: str, sent: Sent, raw: Sent) -> Message:
    """Return a call's message id, made up if none was sent, with a hash of what the call says."""
    # The hash includes the kind of key, since a server gets another answer than a page.
    said = {**content(call, sent, raw), "": context.caller().trusted}
    message_id = sent["message_id"] or f"msg_{context.ids()()}"
    return messages.message(
        call, message_id, said, session_sent=sent.get("session_id"), is_public=not context.caller().trusted
    )


def anonymous_id_of(sent: Sent) -> str | None:
    """Return the `anonymousId` of a call; None for a placeholder, which many browsers would share."""
    anonymous_id: str | None = sent["anonymous_id"]
    if anonymous_id is None or is_placeholder(anonymous_id, context.policy().placeholder_user_ids):
        return None
    return anonymous_id


def opts_out() -> bool:
    """Whether the browser says that its user opts out (https://www.w3.org/TR/gpc/). A server's header is its own."""
    return (
        request.headers.get("Sec-GPC", "").strip() == "1"
        and context.policy().gpc_is_no_consent
        and not context.caller().trusted
    )


def observed() -> Observed:
    """Return what the server sees of the client: nothing if the caller is the customer's own server.

    It is determined once for each request, however many calls the request has.
    """
    if "observed" not in g:
        g.observed = (
            Observed()
            if context.caller().trusted
            else observe(context.address(), request.headers.get("User-Agent", ""), request.headers)
        )
    seen: Observed = g.observed
    return seen


def observe(address: str | None, agent: str, headers: Mapping[str, str] | Headers) -> Observed:
    """Return what an address, a `User-Agent` and the other headers tell of a client."""
    seen = device.describe(agent, headers)
    return Observed(
        address=context.kept_address(address) if address else None,
        proves=bool(address) and addresses.proves(address),
        browser=seen.browser,
        browser_version=seen.browser_version,
        os=seen.os,
        device_class=seen.device_class,
        is_bot=seen.is_bot,
        # The place is looked up by the full address, however much of it the tenant keeps.
        origin=context.service().geo.origin(address) if address else Origin(),
    )


def _mended(call: str, sent: Sent, received_at: datetime) -> tuple[Warned, ...]:
    return tuple(
        Warned(note.code, f"{call}: {note.path}", note.why, received_at) for note in sent.get(decoration.NOTES, ())
    )


def _nobody(sent: Sent, anonymous_id: str | None, received_at: datetime) -> tuple[Warned, ...]:
    if sent["anonymous_id"] == anonymous_id:
        return ()
    why = "this anonymousId names no browser in particular, and counts as absent"
    return (Warned("placeholder_anonymous_id", sent["anonymous_id"], why, received_at),)


def _unused(call: str, sent: Sent, anonymous_id: str | None, received_at: datetime) -> tuple[Warned, ...]:
    """Return a warning if a call names a user beside its session or browser, and nothing comes of it."""
    user_id = sent["user_id"]
    if call in VISITS or user_id is None or not (sent["session_id"] or anonymous_id):
        return ()
    if call == "identify":
        if user_id == sent["user_properties"]["user_id"]:
            return ()
        why = "the call names a user beside its session; the user who logs in is userProperties.userId"
        return (Warned("user_id_unused", user_id, why, received_at),)
    if context.caller().trusted and is_placeholder(user_id, context.policy().placeholder_user_ids):
        return (identify.placeholder(user_id, received_at),)
    return ()


def _absurd(call: str, received_at: datetime) -> tuple[Warned, ...]:
    why = "it was before late deliveries reach, by a clock without sentAt, and was set to when it came"
    return (Warned(TOO_EARLY, call, why, received_at),)


def _ahead(call: str, sent: Sent, received_at: datetime) -> tuple[Warned, ...]:
    if not times.is_ahead(sent["timestamp"], sent["sent_at"], received_at):
        return ()
    return (Warned("timestamp_ahead", call, "it would happen in the future, and was set to when it came", received_at),)
