"""From a call on the wire to a command: what was sent, what the server saw, its clock, and ids made beforehand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import g, request
from marshmallow import ValidationError

from app import context, visitor_tokens
from app.enrichment import client_ip, device
from app.enrichment.address import kept
from app.security import user_hash_matches, user_token_matches
from graph.acts import identify, init, merge, messages, put, release, split, track, visibility
from graph.acts.arrival import Arrival
from graph.acts.sessions import Beginning
from graph.acts.tenants import signing_secret
from graph.errors import Forbidden
from graph.model import Change, Fingerprint, Message, Method, NewIds, Observed, Page, Warned
from graph.rules import addresses, plausibility, times
from graph.rules.identifiers import is_placeholder, kept_id
from graph.rules.keys import derived_key
from graph.store.messages import canonical

Sent = Mapping[str, Any]

#: Not part of what a call says: the clock it was sent by, and who may send it.
NOT_HASHED = frozenset({"sentAt", "writeKey", "tenantId"})


def visit(sent: Sent, raw: Sent, call: str = "init") -> init.Init:
    """The command of an `init`, or of a `collect`."""
    policy, received_at = context.policy(), times.whole_milliseconds(context.now())
    tenant = context.caller().tenant
    seen = observed()
    jar_id, kind, method, disagreeing = _jar(sent, tenant, received_at)
    fingerprint, implausible = _fingerprint(sent["fingerprint"], seen, received_at)
    user_id, doubtful = _collected(sent, received_at)
    at = times.corrected(sent["timestamp"], sent["sent_at"], received_at)
    late = _too_early(call, received_at) if times.is_too_early(at, received_at, policy) else ()
    return init.Init(
        arrival=_arrival(
            sent,
            times.first_possible(at, received_at, policy),
            received_at,
            (*disagreeing, *implausible, *doubtful, *_ahead(call, sent, received_at), *late),
        ),
        message=_message(sent, raw, call),
        jar_id=jar_id,
        jar_kind=kind,
        jar_method=method,
        fingerprint=fingerprint,
        user_id=user_id,
        reset=sent["reset"],
        consent=sent["consent"],
        has_session=call == "init",
    )


def event(sent: Sent, raw: Sent) -> tuple[track.Track, Beginning | None]:
    """The command of a `track`, and how its session begins where none is named."""
    received_at = times.whole_milliseconds(context.now())
    at = times.corrected(sent["timestamp"], sent["sent_at"], received_at)
    arrival = _arrival(sent, at, received_at, _ahead("track", sent, received_at))
    command = track.Track(
        arrival,
        message=_message(sent, raw, "track"),
        session_id=sent["session_id"] or "",
        event_id=arrival.ids.event,
        name=sent["event_name"],
        properties=canonical(sent["properties"]),
    )
    return command, _beginning(sent, arrival)


def login(sent: Sent, raw: Sent) -> tuple[identify.Identify, Beginning | None]:
    """The command of an `identify`, and how its session begins where none is named.

    Raises `Forbidden` for a signature that does not hold, or is missing where the tenant demands one.
    """
    received_at = times.whole_milliseconds(context.now())
    at = times.corrected(sent["timestamp"], sent["sent_at"], received_at)
    properties = sent["user_properties"]
    arrival = _arrival(sent, at, received_at, _ahead("identify", sent, received_at))
    command = identify.Identify(
        arrival,
        message=_message(sent, raw, "identify"),
        session_id=sent["session_id"] or "",
        user_id=properties["user_id"],
        verified=_is_verified(properties["user_id"], sent),
        properties=canonical(raw["userProperties"]),
    )
    return command, _beginning(sent, arrival)


def _arrival(sent: Sent, at: datetime, received_at: datetime, warnings: tuple[Warned, ...]) -> Arrival:
    return Arrival(
        at=at,
        received_at=received_at,
        observed=observed(),
        page=Page(**sent["page"]),
        trusted=_is_trusted(),
        actor=_actor(),
        policy=context.policy(),
        ids=NewIds(context.ids()),
        warnings=warnings,
    )


def statements(some: Iterable[Sent]) -> list[put.Put | ValidationError]:
    """The commands of statements about users and visitors that are made together.

    One that has a user id that names nobody in particular is a `ValidationError`.
    """
    at = times.whole_milliseconds(context.now())
    return [_statement(sent, _by_whom(sent["reason"], at)) for sent in some]


def _statement(sent: Sent, by_whom: dict[str, Any]) -> put.Put | ValidationError:
    if is_placeholder(sent["user_id"], by_whom["policy"].placeholder_user_ids):
        return ValidationError({"userId": ["This id names nobody in particular, so nobody used the visitor by it."]})
    said = {name: sent[name] for name in ("user_id", "visitor_id", "confidence", "claim", "reason")}
    return put.Put(
        message=messages.message(put.CALL, sent["idempotency_key"] or by_whom["change"].id, said),
        user_id=sent["user_id"],
        visitor_id=sent["visitor_id"],
        confidence=sent["confidence"],
        claims=sent["claim"],
        **by_whom,
    )


def release_of(user_id: str, visitor_id: str, reason: str | None) -> release.Release:
    """The command that takes a user from a visitor."""
    return release.Release(
        user_id=kept_id(user_id),
        visitor_id=visitor_id,
        **_by_whom(reason),
    )


def merge_of(visitor_id: str, sent: Sent) -> merge.Merge:
    """The command that merges a visitor into another."""
    return merge.Merge(
        visitor_id=visitor_id,
        into=sent["into"],
        is_forced=sent["force"],
        **_by_whom(sent["reason"]),
    )


def split_of(visitor_id: str, sent: Sent) -> split.Split:
    """The command that takes a part out of a visitor, or undoes its merge."""
    return split.Split(
        visitor_id=visitor_id,
        jar_id=sent["jar"],
        tenure_id=sent["tenure"],
        fingerprint=sent["fingerprint"],
        **_by_whom(sent["reason"]),
    )


def visibility_of(user_id: str, visitor_id: str | None, sent: Sent) -> visibility.Visibility:
    """The command that hides or shows a user, or their relationship with a visitor."""
    return visibility.Visibility(
        user_id=kept_id(user_id),
        visitor_id=visitor_id,
        visible=sent["visible"],
        **_by_whom(sent["reason"]),
    )


def _by_whom(reason: str | None, at: datetime | None = None) -> dict[str, Any]:
    """The change that a key makes, under which policy, and ids for what it makes."""
    # The change's id is made here, in the order of a list: the audit trail lists changes of one time by it.
    ids = NewIds(context.ids())
    at = at or times.whole_milliseconds(context.now())
    return {"change": Change(ids.change, at, _actor(), reason), "policy": context.policy(), "ids": ids}


def _actor() -> str:
    """Who calls, as the audit trail names it."""
    return f"key:{context.caller().key_id}"


def observed() -> Observed:
    """What the server sees of the client; nothing where the caller is the customer's own server.

    Found out once a request, however many calls are in it.
    """
    if "observed" not in g:
        g.observed = Observed() if _is_trusted() else _observe()
    seen: Observed = g.observed
    return seen


def _observe() -> Observed:
    forwarded = request.headers.get("X-Forwarded-For")
    address = client_ip.client_ip(request.remote_addr, forwarded, context.settings().trusted_proxies)
    seen = device.describe(request.headers.get("User-Agent", ""), request.headers)
    return Observed(
        address=kept(address, context.tenant_settings().addresses, _address_key()),
        proves=addresses.proves(address),
        browser=seen.browser,
        browser_version=seen.browser_version,
        os=seen.os,
        device_class=seen.device_class,
        is_bot=seen.is_bot,
        # Of the full address, however much of that the tenant keeps.
        origin=context.service().geo.origin(address),
    )


def _address_key() -> bytes:
    """A key for each tenant: the same address in two tenants cannot be told to be one."""
    return derived_key(context.service().secret_key, f"addresses of {context.caller().tenant}")


def _jar(sent: Sent, tenant: str, received_at: datetime) -> tuple[str, str, Method, tuple[Warned, ...]]:
    """The jar a visit names: our token beats the caller's own id, and where they disagree that is a warning."""
    token = sent["visitor_token"]
    named = visitor_tokens.read(token, tenant) if isinstance(token, str) and sent["consent"] else None
    caller = f"caller:{sent['anonymous_id']}" if sent["anonymous_id"] and sent["consent"] else None
    if named is not None:
        kind = named.partition(":")[0] if ":" in named else "issued"
        if caller is None or named == caller:
            return named, kind, Method.TOKEN, ()
        why = "the visitor token names another browser than anonymousId; the token counts"
        warned = Warned("anonymous_id_disagrees", sent["anonymous_id"], why, received_at)
        return named, kind, Method.TOKEN, (warned,)
    if caller is not None:
        return caller, "caller", Method.ANONYMOUS_ID, ()
    return f"jar_{context.ids()()}", "issued", Method.NEW, ()


def _beginning(sent: Sent, arrival: Arrival) -> Beginning | None:
    """What begins a session for a call that names none."""
    if sent["session_id"]:
        return None
    user_id = sent["user_id"]
    if sent["anonymous_id"]:
        jar_id, kind, seen = f"caller:{sent['anonymous_id']}", "caller", arrival.observed
    elif user_id is None:
        raise ValidationError({"sessionId": ["Name the session, or anonymousId, or from a secret key userId."]})
    elif not arrival.trusted:
        raise Forbidden("only a secret key may name a user instead of a session", code="wrong_kind_of_key")
    elif is_placeholder(user_id, arrival.policy.placeholder_user_ids):
        raise ValidationError({"userId": ["This id names nobody in particular, so there is no session of theirs."]})
    else:
        jar_id, kind, seen = f"server:{user_id}", "server", Observed()
    visit = init.Init(
        replace(arrival, observed=seen, ids=NewIds(context.ids()), warnings=()),
        message=None,
        jar_id=jar_id,
        jar_kind=kind,
        jar_method=Method.ANONYMOUS_ID,
        fingerprint=None,
        user_id=None,
        reset=False,
        consent=True,
    )
    if kind == "caller":
        return Beginning(visit, None)
    claim = identify.Identify(
        replace(arrival, ids=NewIds(context.ids()), warnings=()),
        message=Message("", "identify", None, ""),
        session_id="",
        user_id=user_id,
        verified=True,
        properties="{}",
    )
    return Beginning(visit, claim)


def _message(sent: Sent, raw: Sent, call: str) -> Message:
    # Who asks is part of it: a server is told more than a page.
    said = {name: value for name, value in raw.items() if name not in NOT_HASHED} | {"": _is_trusted()}
    message_id = sent["message_id"] or f"msg_{context.ids()()}"
    return messages.message(call, message_id, said, session_sent=sent.get("session_id"))


def _fingerprint(
    sent: Sent | None, seen: Observed, received_at: datetime
) -> tuple[Fingerprint | None, tuple[Warned, ...]]:
    """The fingerprint of a visit; one that is nonsense weighs nothing and is not kept, but for the warning."""
    if sent is None:
        return None, ()
    components = sent["components"] or {}
    oddity = plausibility.hash_oddity(sent["visitor_id"]) or plausibility.components_oddity(
        components, browser=seen.browser, os=seen.os
    )
    if oddity is not None:
        return None, (Warned("implausible_fingerprint", sent["visitor_id"], oddity, received_at),)
    return Fingerprint(sent["visitor_id"], sent["confidence"], canonical(components) if components else None), ()


def _collected(sent: Sent, received_at: datetime) -> tuple[str | None, tuple[Warned, ...]]:
    """Who it might be, as an `init` says; a user id that nobody may say so, or that is nobody's, is no evidence."""
    user_id = sent["user_id"] or _within(sent["fingerprint"])
    if user_id is None:
        return None, ()
    if is_placeholder(user_id, context.policy().placeholder_user_ids):
        return None, (identify.placeholder(user_id, received_at),)
    try:
        _is_verified(user_id, sent)
    except Forbidden as error:
        return None, (Warned(error.code, user_id, error.message, received_at),)
    return user_id, ()


def _within(fingerprint: Sent | None) -> str | None:
    """The user id that a collector put into the fingerprint's own data."""
    metadata = fingerprint["metadata"] if fingerprint else None
    return metadata["user_id"] if metadata else None


def _is_verified(user_id: str, sent: Sent) -> bool:
    """A server of the customer's says who it is; a page shows what its server signed.

    Raises `Forbidden` as the tenant's `identify_verification` has it.
    """
    mode, user_hash, user_token = context.tenant_settings().identify_verification, sent["user_hash"], sent["user_token"]
    unsigned = user_hash is None and user_token is None
    if mode == "off" or (unsigned and _is_trusted()):
        return _is_trusted()
    secrets = [signing_secret(key, context.caller().tenant) for key in context.secret_keys()]
    if user_hash is not None and not any(user_hash_matches(secret, user_id, user_hash) for secret in secrets):
        why = "userHash is not this user id's under the tenant's signing secret"
        raise Forbidden(why, code="user_hash_invalid", subject=user_id)
    now = context.now()
    if user_token is not None and not any(user_token_matches(secret, user_id, user_token, now) for secret in secrets):
        why = "userToken is not a JWT (HS256) of this user id under the tenant's signing secret, or is over"
        raise Forbidden(why, code="user_token_invalid", subject=user_id)
    if unsigned and mode == "enforce" and not is_placeholder(user_id, context.policy().placeholder_user_ids):
        why = "this tenant takes a user id from a page only with its server's signature, userHash or userToken"
        raise Forbidden(why, code="user_hash_required", subject=user_id)
    return not unsigned


def _ahead(call: str, sent: Sent, received_at: datetime) -> tuple[Warned, ...]:
    if not times.is_ahead(sent["timestamp"], sent["sent_at"], received_at):
        return ()
    return (Warned("timestamp_ahead", call, "it would happen in the future, and was set to when it came", received_at),)


def _too_early(call: str, received_at: datetime) -> tuple[Warned, ...]:
    why = "it began before late deliveries reach, and was set to the earliest that they do"
    return (Warned("timestamp_too_early", call, why, received_at),)


def _is_trusted() -> bool:
    return context.caller().kind == "secret"
