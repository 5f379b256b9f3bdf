"""Claim a session's tenure for a user, and carry the claim to what is tied to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.acts import audit, propagate, relationships, track, warnings
from graph.acts import claim as claims
from graph.acts.arrival import Arrival
from graph.acts.claim import Updated
from graph.errors import Gone, NotFound, Refused
from graph.model import Change, Message, Warned
from graph.rules import kiosk, sessions
from graph.rules.identifiers import is_placeholder
from graph.rules.identifying import LoginKind
from graph.rules.messages import Repeat, judge
from graph.rules.probable import Bound
from graph.rules.relationships import Relationship, Source
from graph.store import identify as store
from graph.store import identities, messages
from graph.store import track as events
from graph.transaction import Transaction


@dataclass(frozen=True)
class Identify:
    """One login; `verified` says that the user id came with a signature that holds."""

    arrival: Arrival
    message: Message
    session_id: str
    user_id: str
    verified: bool
    properties: str


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
class ClaimedLogin:
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
    tx = tx.making(_change(command))
    near = lock(tx, command)
    kept = messages.find(tx, [command.message.message_id]).get(command.message.message_id)
    repeat = judge(command.message, kept)
    if kept is not None and repeat is Repeat.DUPLICATE:
        return replace(messages.recall(kept.answer, Identified), duplicate=True)
    if repeat is Repeat.CONFLICT:
        raise Refused("this messageId was used for another request", code="message_id_conflict")
    found = store.gather.one_or_none(tx, session_id=command.session_id, user_id=command.user_id, at=command.arrival.at)
    if found is None:
        raise NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(
        found.started_at, found.last_seen, command.arrival.at, command.arrival.received_at, command.arrival.policy
    ):
        raise Gone("the session was not open at the time of this login: begin a new one with init")
    warned = command.arrival.warnings
    if is_placeholder(command.user_id, command.arrival.policy.placeholder_user_ids):
        warned = (*warned, placeholder(command.user_id, command.arrival.received_at))
        result = _nobody(tx, command, found)
    else:
        claimed = claim(tx, command, found)
        # Who came since the locks were taken has found this visitor for itself.
        reached = [way for one, way in _near(tx, command, found.visitor_id).items() if one in near]
        carried = propagate.carry(
            tx,
            command.user_id,
            claimed.tenure_id,
            [] if claimed.at_kiosk else reached,
            at=command.arrival.at,
            policy=command.arrival.policy,
        )
        if carried.is_limited:
            why = "more neighbours were seen than a login is carried on to: the surest were chosen"
            warned = (*warned, Warned(propagate.LIMITED_WARNING, command.user_id, why, command.arrival.received_at))
        result = Identified(
            session_id=claimed.session_id,
            identity_id=claimed.identity_id,
            user_id=command.user_id,
            visitor_id=claimed.visitor_id,
            confidence=round(claimed.relationship.confidence / 100, 4),
            verified=command.verified,
            event_id=command.arrival.ids.event,
            updated=claimed.updated,
            propagated=carried.made + (0 if claimed.is_repeated else carried.led),
        )
    result = replace(result, warnings=tuple(one.code for one in warned))
    _record(tx, command, result)
    warnings.record(tx, warned)
    return result


def lock(tx: Transaction, command: Identify) -> Collection[str]:
    """Lock what the login may change, rung by rung; answers the neighbours among it, which it may be carried on to."""
    near = _near(tx, command, store.visitor(tx, command.session_id))
    store.lock(tx, command.session_id, sorted(near))
    return near.keys()


def placeholder(user_id: str, at: datetime) -> Warned:
    """That a user id names nobody in particular, and so claims nothing."""
    return Warned("placeholder_user_id", user_id, "this user id names nobody in particular and claims nothing", at)


def claim(tx: Transaction, command: Identify, found: store.LoginFacts) -> ClaimedLogin:
    """Make the claim in the graph, without the event; the session's visitor and all that are one with it are locked."""
    tx = tx.making(_change(command))
    made = claims.act(
        tx,
        claims.Claim(
            command.user_id,
            command.arrival.at,
            command.arrival.received_at,
            command.arrival.policy,
            command.arrival.ids,
        ),
        found,
    )
    recent: Sequence[str] = ()
    if not found.jar_known:
        recent = kiosk.remember(found.recent_users, command.user_id, command.arrival.at, command.arrival.policy)
        store.remember(tx, found.visitor_id, recent)
    [associated] = relationships.associate(
        tx,
        [
            relationships.Association(
                command.user_id,
                found.visitor_id,
                _source(command),
                command.arrival.at,
                command.arrival.ids.user,
                command.arrival.policy,
            )
        ],
    )
    if associated is None:
        raise RuntimeError("a login always counts")
    pair = (command.user_id, found.visitor_id)
    audit.record(
        tx,
        audit.Trace(
            tx.change,
            subjects=(f"user:{command.user_id}", f"visitor:{found.visitor_id}"),
            act=command.message.call,
            before={
                "relationship": audit.relationship(*pair, associated.before),
                "userId": found.held.user_id if found.held else None,
            },
            after={
                "relationship": audit.relationship(*pair, associated.after),
                "userId": command.user_id,
                "tenureId": made.tenure_id,
                "login": made.kind.value,
            },
        ),
    )
    return ClaimedLogin(
        session_id=made.session_id,
        visitor_id=found.survivor_id,
        tenure_id=made.tenure_id,
        identity_id=made.identity_id,
        relationship=associated.after,
        updated=made.updated,
        is_repeated=made.kind is LoginKind.AGAIN,
        at_kiosk=kiosk.is_kiosk(recent, command.arrival.at, command.arrival.policy),
    )


def _change(command: Identify) -> Change:
    arrival = command.arrival
    return Change(arrival.ids.change, arrival.received_at, arrival.actor)


def _near(tx: Transaction, command: Identify, visitor_id: str | None) -> propagate.Reached:
    return (
        propagate.near(
            tx,
            visitor_id,
            at=command.arrival.at,
            received_at=command.arrival.received_at,
            policy=command.arrival.policy,
        )
        if visitor_id
        else {}
    )


def _nobody(tx: Transaction, command: Identify, found: store.LoginFacts) -> Identified:
    """A user id that names nobody claims nothing; the event is kept and the caller warned."""
    standings = identities.resolve(tx, [found.tenure_id], Bound.of(command.arrival.policy, command.arrival.at))
    standing = standings[found.tenure_id]
    return Identified(
        session_id=found.session_id,
        identity_id=standing.identity_id,
        user_id=None,
        visitor_id=found.survivor_id,
        confidence=standing.confidence,
        verified=False,
        event_id=command.arrival.ids.event,
        updated=Updated(0, 0),
        propagated=0,
    )


def _source(command: Identify) -> Source:
    return Source.VERIFIED if command.verified else Source.CLAIMED


def _record(tx: Transaction, command: Identify, result: Identified) -> None:
    event = track.Track(
        arrival=command.arrival,
        message=command.message,
        session_id=command.session_id,
        event_id=command.arrival.ids.event,
        name="identify",
        properties=command.properties,
    )
    events.apply(
        tx,
        rows=[
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
