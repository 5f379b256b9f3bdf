"""Claim a session's tenure for a user, and carry the claim to what is tied to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.services import propagate, relationships, track, warnings
from graph.database import Transaction
from graph.errors import Gone, NotFound, Refused
from graph.model import Message, NewIds, Observed, Page, Warned
from graph.rules import identifying, kiosk, sessions
from graph.rules.identifiers import is_placeholder
from graph.rules.identifying import Kind
from graph.rules.messages import Repeat, judge
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.relationships import Relationship, Source
from graph.store import identify as store
from graph.store import identities, messages, release, users
from graph.store import track as events


@dataclass(frozen=True)
class Identify:
    """One login; `verified` says that the user id came with a signature that holds."""

    tenant: str
    message: Message
    session_id: str
    user_id: str
    verified: bool
    properties: str
    at: datetime
    received_at: datetime
    observed: Observed
    page: Page
    trusted: bool
    policy: Policy
    ids: NewIds
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True)
class Updated:
    """What belongs to the user because of a call."""

    sessions: int
    events: int


@dataclass(frozen=True)
class Identified:
    """A login as recorded; `session_id` is the successor's where another user had the session."""

    session_id: str
    identity_id: str
    user_id: str | None
    visitor_id: str
    confidence: float
    verified: bool
    event_id: str
    updated: Updated
    propagated: int
    warnings: tuple[str, ...] = ()
    duplicate: bool = False


@dataclass(frozen=True)
class Claimed:
    """A claim as made: where, and what the relationship of user and visitor is now.

    `is_repeated` says that the user had the tenure already; from a kiosk nothing is carried on.
    """

    session_id: str
    visitor_id: str
    tenure_id: str
    identity_id: str
    relationship: Relationship
    updated: Updated
    is_repeated: bool
    at_kiosk: bool


def act(tx: Transaction, command: Identify) -> Identified:
    """Record a login and claim the session's tenure for its user.

    Raises `NotFound`, `Gone` or `Refused`, and then nothing has changed.
    """
    near = _near(tx, command, store.visitor(tx, command.tenant, command.session_id))
    locked = store.lock(tx, command.tenant, command.session_id, sorted(near))
    kept = messages.find(tx, command.tenant, [command.message.message_id]).get(command.message.message_id)
    repeat = judge(command.message, kept)
    if kept is not None and repeat is Repeat.DUPLICATE:
        return replace(messages.recall(kept.answer, Identified), duplicate=True)
    if repeat is Repeat.CONFLICT:
        raise Refused("this messageId was used for another request", code="message_id_conflict")
    found = store.gather(tx, command.tenant, command.session_id, command.user_id, command.at)
    if found is None:
        raise NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(found.started_at, found.last_seen, command.at, command.received_at, command.policy):
        raise Gone("the session was not open at the time of this login: begin a new one with init")
    warned = command.warnings
    if is_placeholder(command.user_id, command.policy.placeholder_user_ids):
        warned = (*warned, placeholder(command.user_id, command.received_at))
        result = _nobody(tx, command, found)
    else:
        claimed = claim(tx, command, found, locked=locked)
        # Who came since the locks were taken has found this visitor for itself.
        reached = [way for one, way in _near(tx, command, found.visitor_id).items() if one in near]
        carried = propagate.carry(
            tx,
            command.tenant,
            command.user_id,
            claimed.tenure_id,
            [] if claimed.at_kiosk else reached,
            at=command.at,
            change_id=command.ids.change,
            policy=command.policy,
        )
        if carried.is_limited:
            why = "more neighbours were seen than a login is carried on to: the surest were chosen"
            warned = (*warned, Warned(propagate.LIMITED_WARNING, command.user_id, why, command.received_at))
        result = Identified(
            session_id=claimed.session_id,
            identity_id=claimed.identity_id,
            user_id=command.user_id,
            visitor_id=claimed.visitor_id,
            confidence=round(claimed.relationship.confidence / 100, 4),
            verified=command.verified,
            event_id=command.ids.event,
            updated=claimed.updated,
            propagated=carried.made + (0 if claimed.is_repeated else carried.led),
        )
    result = replace(result, warnings=tuple(one.code for one in warned))
    _record(tx, command, result)
    warnings.record(tx, command.tenant, warned)
    return result


def placeholder(user_id: str, at: datetime) -> Warned:
    """That a user id names nobody in particular, and so claims nothing."""
    return Warned("placeholder_user_id", user_id, "this user id names nobody in particular and claims nothing", at)


def claim(tx: Transaction, command: Identify, found: store.Found, *, locked: Collection[str]) -> Claimed:
    """Make the claim in the graph, without the event; the session's visitor is locked."""
    tenant = command.tenant
    user = users.lock(tx, tenant, [(command.user_id, command.ids.user)], command.at)[command.user_id]
    decided = identifying.decide(
        user_id=command.user_id,
        at=command.at,
        session_id=found.session_id,
        tenure_id=found.tenure_id,
        new_tenure_id=command.ids.tenure,
        new_session_id=command.ids.session,
        later_tenure_id=command.ids.later_tenure,
        later_session_id=command.ids.later_session,
        held=found.held,
        again=found.again,
        above=found.above,
        released=found.released,
    )
    if decided.kind is not Kind.AGAIN and user.tenures >= command.policy.claims_max:
        raise Refused(
            "so many browsers are this user's that it can be no person's account",
            code="merge_refused",
            reason="too_many_claims",
            subject=command.user_id,
        )
    if found.is_forbidden:
        pair = (command.user_id, found.visitor_id)
        release.allow(tx, tenant, [pair], at=command.received_at, change_id=command.ids.change)
    updated = Updated(0, 0)
    for split in decided.splits:
        moved = store.hand_over(tx, tenant, split, change_id=command.ids.change)
        updated = Updated(moved.sessions, moved.events)
    store.apply(tx, tenant, decided, now=command.received_at, change_id=command.ids.change)
    propagate.settle(tx, tenant, decided, at=command.received_at, change_id=command.ids.change)
    if decided.kind in (Kind.FIRST, Kind.LATE):
        theirs = {step.tenure_id for step in found.above if step.held and step.held.user_id == command.user_id}
        follow = [
            opening.tenure_id
            for opening in decided.opens
            if opening.held.user_id == command.user_id and opening.tenure_id not in theirs
        ]
        counted = store.attributed(tx, tenant, follow)
        updated = Updated(counted.sessions, counted.events)
    recent: Sequence[str] = ()
    if not found.jar_known:
        recent = kiosk.remember(found.recent_users, command.user_id, command.at, command.policy)
        store.remember(tx, tenant, found.visitor_id, recent)
    [relationship] = relationships.associate(
        tx,
        tenant,
        [
            relationships.Association(
                command.user_id,
                found.visitor_id,
                _source(command),
                command.at,
                command.ids.user,
                command.policy,
            )
        ],
        locked=locked,
    )
    return Claimed(
        session_id=command.ids.session if decided.kind is Kind.SECOND else found.session_id,
        visitor_id=found.survivor_id,
        tenure_id=decided.claimed_id,
        identity_id=user.identity_id,
        relationship=relationship,
        updated=updated,
        is_repeated=decided.kind is Kind.AGAIN,
        at_kiosk=kiosk.is_kiosk(recent, command.at, command.policy),
    )


def _near(tx: Transaction, command: Identify, visitor_id: str | None) -> propagate.Reached:
    return (
        propagate.near(
            tx, command.tenant, visitor_id, at=command.at, received_at=command.received_at, policy=command.policy
        )
        if visitor_id
        else {}
    )


def _nobody(tx: Transaction, command: Identify, found: store.Found) -> Identified:
    """A user id that names nobody claims nothing; the event is kept and the caller warned."""
    standings = identities.resolve(tx, command.tenant, [found.tenure_id], Bound.of(command.policy, command.at))
    standing = standings[found.tenure_id]
    return Identified(
        session_id=found.session_id,
        identity_id=standing.identity_id,
        user_id=None,
        visitor_id=found.survivor_id,
        confidence=standing.confidence,
        verified=False,
        event_id=command.ids.event,
        updated=Updated(0, 0),
        propagated=0,
    )


def _source(command: Identify) -> Source:
    return Source.VERIFIED if command.verified else Source.CLAIMED


def _record(tx: Transaction, command: Identify, result: Identified) -> None:
    event = track.Track(
        tenant=command.tenant,
        message=command.message,
        session_id=command.session_id,
        event_id=command.ids.event,
        name="identify",
        properties=command.properties,
        at=command.at,
        received_at=command.received_at,
        observed=command.observed,
        page=command.page,
        trusted=command.trusted,
        policy=command.policy,
    )
    events.apply(
        tx,
        command.tenant,
        [
            track.row(
                event,
                result.session_id,
                result.identity_id,
                result.confidence,
                messages.keep(result),
                user_id=result.user_id,
                source=_source(command) if result.user_id else None,
            ),
        ],
    )
