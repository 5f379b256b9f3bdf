"""Record a login: claim its session's tenure for the user, and carry the login on to neighbours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.acts import audit, propagate, relationships, track, warnings
from graph.acts import claim as claims
from graph.acts.arrival import Arrival
from graph.acts.claim import Claimed
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
    """One login; `verified` says that the user id came with a valid signature, or from one of the customer's servers."""

    arrival: Arrival
    message: Message
    session_id: str
    user_id: str
    verified: bool
    properties: str


@dataclass(frozen=True)
class Identified:
    """A login as recorded.

    `session_id` is the successor session's if another user had the session. `user_id` is None if the id that was sent is
    a placeholder. `propagated` counts the tenures that are probably the user's by this login.
    """

    session_id: str
    identity_id: str
    user_id: str | None
    visitor_id: str
    confidence: float
    verified: bool
    event_id: str
    updated: store.Attributed
    propagated: int
    warnings: tuple[str, ...] = ()
    duplicate: bool = False


@dataclass(frozen=True)
class ClaimedLogin:
    """A claim that a login made: its session and tenure, and the relationship of user and visitor after it.

    `is_repeated` says that the user had claimed the tenure before. `at_kiosk` says that the login is not carried
    on, because the visitor is a kiosk.
    """

    session_id: str
    visitor_id: str
    tenure_id: str
    identity_id: str
    relationship: Relationship
    updated: store.Attributed
    is_repeated: bool
    at_kiosk: bool


def act(tx: Transaction, command: Identify) -> Identified:
    """Record a login and claim the session's tenure for its user. If it raises, nothing has changed.

    Raises:
        NotFound: There is no such session.
        Gone: The session was not open at the time of the login.
        Refused: The message id was used for another request, or the user has too many tenures.
    """
    tx = tx.making(_change(command))
    locked_neighbours = lock(tx, command)
    kept = messages.find(tx, [command.message.message_id]).get(command.message.message_id)
    repeat = judge(command.message, kept)
    if kept is not None and repeat is Repeat.DUPLICATE:
        return replace(messages.recall(kept.answer, Identified), duplicate=True)
    if repeat is Repeat.CONFLICT:
        raise Refused("this messageId was used for another request", code="message_id_conflict")
    facts = store.gather.one_or_none(tx, session_id=command.session_id, user_id=command.user_id, at=command.arrival.at)
    if facts is None:
        raise NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(
        facts.started_at, facts.last_seen, command.arrival.at, command.arrival.received_at, command.arrival.policy
    ):
        raise Gone("the session was not open at the time of this login: begin a new one with init")
    warned = command.arrival.warnings
    if is_placeholder(command.user_id, command.arrival.policy.placeholder_user_ids):
        warned = (*warned, placeholder(command.user_id, command.arrival.received_at))
        result = _unclaimed(tx, command, facts)
    else:
        claimed = claim(tx, command, facts)
        carried = _carry_on(tx, command, facts.visitor_id, claimed, locked_neighbours)
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
            propagated=carried.opened + (0 if claimed.is_repeated else carried.following),
        )
    result = replace(result, warnings=tuple(warning.code for warning in warned))
    _record(tx, command, result)
    warnings.record(tx, warned)
    return result


def lock(tx: Transaction, command: Identify) -> Collection[str]:
    """Lock what the login may change, rung by rung; return the locked neighbours, to which it may be carried on."""
    neighbours = _neighbours(tx, command, store.visitor(tx, command.session_id))
    store.lock(tx, command.session_id, sorted(neighbours))
    return neighbours.keys()


def placeholder(user_id: str, at: datetime) -> Warned:
    """Return the warning that a user id names nobody in particular, and so claims nothing."""
    return Warned("placeholder_user_id", user_id, "this user id names nobody in particular and claims nothing", at)


def claim(tx: Transaction, command: Identify, facts: store.LoginFacts) -> ClaimedLogin:
    """Claim the session's tenure and count the login in the relationship, without recording the event.

    The merge group of the session's visitor must be locked.
    """
    tx = tx.making(_change(command))
    arrival = command.arrival
    claimed = claims.act(
        tx, claims.Claim(command.user_id, arrival.at, arrival.received_at, arrival.policy, arrival.ids), facts
    )
    recent_users: Sequence[str] = ()
    if not facts.jar_known:
        recent_users = kiosk.remember(facts.recent_users, command.user_id, arrival.at, arrival.policy)
        store.remember(tx, facts.visitor_id, recent_users)
    [counted] = relationships.associate(
        tx,
        [
            relationships.Association(
                command.user_id, facts.visitor_id, _source(command), arrival.at, arrival.ids.user, arrival.policy
            )
        ],
    )
    if counted is None:
        raise RuntimeError("a login always counts")
    audit.record(tx, _trace(tx.change, command, facts, claimed, counted))
    return ClaimedLogin(
        session_id=claimed.session_id,
        visitor_id=facts.survivor_id,
        tenure_id=claimed.tenure_id,
        identity_id=claimed.identity_id,
        relationship=counted.after,
        updated=claimed.updated,
        is_repeated=claimed.kind is LoginKind.AGAIN,
        at_kiosk=kiosk.is_kiosk(recent_users, arrival.at, arrival.policy),
    )


def _change(command: Identify) -> Change:
    arrival = command.arrival
    return Change(arrival.ids.change, arrival.received_at, arrival.actor)


def _neighbours(tx: Transaction, command: Identify, visitor_id: str | None) -> propagate.ReachedByVisitor:
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


def _carry_on(
    tx: Transaction, command: Identify, visitor_id: str, claimed: ClaimedLogin, locked_neighbours: Collection[str]
) -> propagate.Carried:
    """Carry the login on to the neighbours that are locked."""
    # A newer neighbour isn't locked; its own `init` already linked it here.
    reached = [
        neighbour
        for neighbour_id, neighbour in _neighbours(tx, command, visitor_id).items()
        if neighbour_id in locked_neighbours
    ]
    return propagate.carry(
        tx,
        command.user_id,
        claimed.tenure_id,
        [] if claimed.at_kiosk else reached,
        at=command.arrival.at,
        policy=command.arrival.policy,
    )


def _unclaimed(tx: Transaction, command: Identify, facts: store.LoginFacts) -> Identified:
    """Return the answer to a login with a placeholder: it claims nothing, so the answer has the tenure's standing."""
    standings = identities.resolve(tx, [facts.tenure_id], Bound.of(command.arrival.policy, command.arrival.at))
    standing = standings[facts.tenure_id]
    return Identified(
        session_id=facts.session_id,
        identity_id=standing.identity_id,
        user_id=None,
        visitor_id=facts.survivor_id,
        confidence=standing.confidence,
        verified=False,
        event_id=command.arrival.ids.event,
        updated=store.Attributed(0, 0),
        propagated=0,
    )


def _source(command: Identify) -> Source:
    return Source.VERIFIED if command.verified else Source.CLAIMED


def _trace(
    change: Change, command: Identify, facts: store.LoginFacts, claimed: Claimed, counted: relationships.Counted
) -> audit.Trace:
    return audit.Trace(
        change,
        subjects=(f"user:{command.user_id}", f"visitor:{facts.visitor_id}"),
        act=command.message.call,
        before={
            "relationship": audit.relationship(command.user_id, facts.visitor_id, counted.before),
            "userId": facts.held.user_id if facts.held else None,
        },
        after={
            "relationship": audit.relationship(command.user_id, facts.visitor_id, counted.after),
            "userId": command.user_id,
            "tenureId": claimed.tenure_id,
            "login": claimed.kind.value,
        },
    )


def _record(tx: Transaction, command: Identify, result: Identified) -> None:
    """Record the login as an event of its session."""
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
