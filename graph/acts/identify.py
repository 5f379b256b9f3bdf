"""Record a login: claim its session's tenure for the user, and carry the login on to neighbours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.acts import audit, propagate, relationships, settle, tombstones, track, warnings, weigh
from graph.acts import claim as claims
from graph.acts.arrival import Arrival
from graph.acts.later import Later
from graph.errors import Gone, IdentityGraphError, NotFound, Refused
from graph.model import Change, Message, Standing, Warned
from graph.rules import kiosk, propagation, sessions, unverified
from graph.rules.grouping import Keys
from graph.rules.identifying import LoginKind
from graph.rules.messages import Repeat, judge
from graph.rules.placeholders import is_placeholder
from graph.rules.probable import Bound, Link
from graph.rules.relationships import Relationship, Source
from graph.rules.revealing import revealed
from graph.rules.tombstones import Name
from graph.store import identify as store
from graph.store import messages
from graph.store import relationships as edges
from graph.store import track as events
from graph.store.propagate import Carried
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Identify:
    """One login.

    `verified` says that the user id came with a valid signature, or from one of the customer's servers. `on_behalf_of` says
    that somebody else acts for the user, such as support: the login claims nothing. `is_one_too_many` says that its
    address is beyond its bound, so that the login makes no new claim. `begun_with` are the codes of the warnings
    of the session, if it was begun for the login. `jar_id` is the jar that the call named instead of a session, so
    that its caller need not hold the session.
    """

    arrival: Arrival
    message: Message
    session_id: str
    user_id: str
    verified: bool
    properties: str
    on_behalf_of: bool = False
    is_one_too_many: bool = False
    begun_with: tuple[str, ...] = ()
    jar_id: str | None = None


@dataclass(frozen=True)
class Identified:
    """A login as recorded.

    `session_id` is the successor session's if another user had the session. `user_id` is None if the login claims
    nothing. `propagated` counts the tenures that are probably the user's by this login.
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
class Login:
    """A login that is accepted, with what it finds and what is locked for it."""

    command: Identify
    facts: store.LoginFacts
    locked: store.LockedLogin


@dataclass(frozen=True)
class ClaimedLogin:
    """A claim that a login made: its session and tenure, and the relationship of user and visitor after it.

    `is_repeated` says that the user had claimed the tenure before. `reached` are the visitors that the login is carried
    on to; there are none if the visitor is a kiosk. `inferred` are the inferences that point to the user already.
    `linked_id` is the identity of all users linked with the user.
    """

    session_id: str
    visitor_id: str
    tenure_id: str
    identity_id: str
    linked_id: str | None
    relationship: Relationship
    updated: store.Attributed
    is_repeated: bool
    reached: Sequence[propagation.Reached]
    inferred: Sequence[Link]


def keys(command: Identify) -> Keys:
    """Return what keeps logins from sharing a transaction: a session, a user or a message id in common."""
    return Keys(
        apart=frozenset(
            {
                f"session:{command.session_id}",
                f"user:{command.user_id}",
                f"message:{command.message.kept_id}",
            }
        )
    )


def act(tx: Transaction, commands: Sequence[Identify]) -> list[Identified | IdentityGraphError | Later]:
    """Record logins, and claim the tenure of each one's session for its user; return one result for each.

    All are of one tenant. A login that meets an earlier one of the list on a locked node is `Later`. A login that is dated
    before its session began counts, and is recorded, from the session's beginning. A refusal is:

    - `NotFound`: there is no such session.
    - `Gone`: the session was not open at the time of the login, or something that the login names was erased.
    - `Refused`: the message id was used for another request.

    An unverified login beyond a bound of its user or its address claims nothing, and is recorded all the same.
    """
    locked = lock(tx, commands)
    as_sent = [command.arrival for command in commands]
    commands = [in_session(command, locked.get(i)) for i, command in enumerate(commands)]
    results: dict[int, Identified | IdentityGraphError | Later] = dict(_meeting(commands, locked))
    gathered = store.gather(tx, [_gather_row(i, command) for i, command in enumerate(commands) if i not in results])
    accepted: dict[int, Login] = {}
    for found in gathered:
        login = _accept(tx, commands[found.i], as_sent[found.i], found, locked.get(found.i))
        if isinstance(login, Login):
            accepted[found.i] = login
        else:
            results[found.i] = login
    identified: dict[int, Identified] = {}
    recorded_as: dict[int, str] = {}
    claimed: dict[int, ClaimedLogin] = {}
    claiming = {i: login for i, login in accepted.items() if _claims(login.command)}
    for i, outcome in zip(claiming, claim(tx, list(claiming.values())), strict=True):
        commands[i] = replace(commands[i], is_one_too_many=outcome is None)
        if outcome is not None:
            claimed[i] = outcome
    carried = carry(tx, [(commands[i], outcome) for i, outcome in claimed.items()])
    for i, came_to in zip(claimed, carried, strict=True):
        identified[i] = _identified(commands[i], claimed[i], came_to)
        recorded_as[i] = claimed[i].identity_id
    for i in accepted.keys() - claimed.keys():
        standing = _unclaimed_standing(tx, accepted[i])
        identified[i] = _unclaimed(accepted[i], standing)
        recorded_as[i] = standing.identity_id
    recorded = sorted(identified)
    warned = {i: _warned(commands[i], identified[i]) for i in recorded}
    for i in recorded:
        identified[i] = replace(
            identified[i], warnings=(*commands[i].begun_with, *(warning.code for warning in warned[i]))
        )
    events.apply(tx, rows=[_event(commands[i], identified[i], recorded_as[i]) for i in recorded])
    warnings.record(tx, [warning for i in recorded for warning in warned[i]])
    results |= identified
    return [results[i] for i in range(len(commands))]


def lock(tx: Transaction, commands: Sequence[Identify]) -> dict[int, store.LockedLogin]:
    """Lock what the logins may change but the users, rung by rung; the result has none for an unknown session."""
    return store.lock(
        tx,
        [command.session_id for command in commands],
        [_around(command) for command in commands],
    )


def placeholder(user_id: str, at: datetime) -> Warned:
    """Return the warning that a user id names nobody in particular, and so claims nothing."""
    return Warned("placeholder_user_id", user_id, "this user id names nobody in particular and claims nothing", at)


def claim(tx: Transaction, logins: Sequence[Login]) -> list[ClaimedLogin | None]:
    """Claim the tenure of each login's session and count it in the relationship, without recording the event.

    A result is None, and nothing is written, where an unverified login is beyond a bound. The logins meet on no node, and
    the merge group of each session's visitor must be locked.
    """
    if not logins:
        return []
    users = store.lock_users(
        tx,
        [_user_row(i, login) for i, login in enumerate(logins)],
        [_around(login.command) for login in logins],
        users_days=logins[0].command.arrival.policy.browser_users_days,
        claims_max=logins[0].command.arrival.policy.claims_max,
    )
    arrivals = [(login.command.user_id, login.command.arrival) for login in logins]
    newer = {user_id: arrival.at for i, (user_id, arrival) in enumerate(arrivals) if arrival.at <= users[i].created_at}
    tombstones.look_again(tx, newer, arrivals[0][1].hashing)
    results: dict[int, ClaimedLogin | None] = dict.fromkeys(range(len(logins)))
    decided: dict[int, tuple[claims.Decided, relationships.Counted]] = {}
    reached: dict[int, list[propagation.Reached]] = {}
    for i, login in enumerate(logins):
        claiming, counted = _decide(login, users[i])
        if claiming.recent_claims is None or not (login.command.is_one_too_many or _is_too_many(login, users[i])):
            reached[i] = _reached(login, users[i], claiming)
            # Its event is recorded in the claimed tenure, and the login is carried on to those that it reaches.
            own = {login.facts.tenure_id, claiming.decision.claimed_id}
            touches = own.union(path.tenure_id for path in reached[i])
            decided[i] = replace(claiming, touches=touches), counted
    attributed = claims.apply(tx, [claiming for claiming, _ in decided.values()])
    for (i, (claiming, counted)), updated in zip(decided.items(), attributed, strict=True):
        if _unsettles(logins[i], claiming):
            settle.act(tx, logins[i].facts.visitor_id, claiming.command.change, logins[i].command.arrival.policy)
        results[i] = ClaimedLogin(
            session_id=claiming.session_id,
            visitor_id=claiming.facts.survivor_id,
            tenure_id=claiming.decision.claimed_id,
            identity_id=claiming.identity_id,
            linked_id=users[i].linked_id,
            relationship=counted.after,
            updated=updated,
            is_repeated=claiming.decision.kind is LoginKind.AGAIN,
            reached=reached[i],
            inferred=users[i].inferred,
        )
    return [results[i] for i in range(len(logins))]


def carry(tx: Transaction, claimed: Sequence[tuple[Identify, ClaimedLogin]]) -> list[Carried]:
    """Carry logins on to the neighbours of their visitors."""
    return propagate.carry(tx, [_carry(command, outcome) for command, outcome in claimed])


def in_session(command: Identify, locked: store.LockedLogin | None) -> Identify:
    """Return a login that is dated before its session began as one from the session's beginning."""
    if locked is None:
        return command
    arrival = command.arrival
    at = sessions.counts_from(locked.started_at, arrival.at, arrival.policy)
    return replace(command, arrival=replace(arrival, at=at))


def _meeting(commands: Sequence[Identify], locked: Mapping[int, store.LockedLogin]) -> Iterator[tuple[int, Later]]:
    """Yield the numbers of the logins that meet an earlier one of the list, with what they found.

    What follows a login in its session, or repeats it, waits with it.
    """
    taken: set[tuple[str, str]] = set()
    for i, command in enumerate(commands):
        order = {("message", command.message.kept_id)}
        nodes: set[tuple[str, str]] = set()
        if i in locked:
            order.add(("jar", locked[i].jar_id))
            nodes |= {("visitor", visitor_id) for visitor_id in locked[i].visitor_ids}
            if _claims(command):
                nodes.add(("user", command.user_id))
        if taken.isdisjoint(order | nodes):
            taken |= nodes
        else:
            yield i, Later(frozenset(f"met {kind}:{id_}" for kind, id_ in order | nodes))
        taken |= order


def _accept(
    tx: Transaction,
    command: Identify,
    as_sent: Arrival,
    gathered: store.Gathered,
    locked: store.LockedLogin | None,
) -> Login | Identified | IdentityGraphError:
    """Return the login if it is to be recorded; else its answer of the first time, or a refusal.

    `as_sent` has the time of the login before it was counted from its session's beginning.

    Raises:
        Overtaken: The visitor was merged into another one in the meantime.
    """
    erased_part = gathered.login.erased_part if gathered.login else None
    began = gathered.login.started_at if gathered.login else None
    refusal = as_sent.refusal(_names(command), gathered.erased, erased=erased_part, began=began)
    if refusal is not None:
        return refusal
    repeat = judge(command.message, gathered.message)
    if gathered.message is not None and repeat is Repeat.DUPLICATE:
        return replace(messages.recall(gathered.message.answer, Identified), duplicate=True)
    if repeat is Repeat.CONFLICT:
        return Refused("this messageId was used for another request", code="message_id_conflict")
    facts, arrival = gathered.login, command.arrival
    if facts is None or locked is None:
        return NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(facts.started_at, facts.last_seen, arrival.at, arrival.received_at, arrival.policy):
        return Gone(sessions.why_refused("login", arrival.at, arrival.received_at, arrival.policy))
    tx.locks.require(Rung.VISITOR, [facts.visitor_id, facts.survivor_id], "the visitor was merged just now")
    return Login(command, facts, locked)


def _decide(login: Login, user: store.LockedUser) -> tuple[claims.Decided, relationships.Counted]:
    """Decide what a login changes, and count it in the relationship of user and visitor."""
    command, facts, arrival = login.command, login.facts, login.command.arrival
    change = Change(arrival.ids.change, arrival.received_at, arrival.actor)
    decided = claims.decide(
        claims.Claim(command.user_id, arrival.at, change, arrival.policy, arrival.ids, verified=command.verified),
        facts,
        user.identity_id,
    )
    pair = (command.user_id, facts.visitor_id)
    ledger = relationships.Ledger.of_groups({pair: facts.known.group(command.user_id)})
    association = relationships.Association(*pair, _source(command), arrival.at, arrival.policy)
    counted = relationships.count(ledger, association)
    if counted is None:
        raise RuntimeError("a login always counts")
    recent_users = None
    if not facts.jar_known:
        recent_users = kiosk.remember(facts.recent_users, command.user_id, arrival.at, arrival.policy)
    recent_claims = None
    if not command.verified and decided.decision.kind is not LoginKind.AGAIN:
        recent_claims = unverified.remember(user.recent_claims, arrival.received_at, arrival.policy)
    return (
        replace(
            decided,
            recent_users=recent_users,
            recent_claims=recent_claims,
            relationships=edges.rows(ledger.edges(arrival.policy)),
            traces=audit.rows(_trace(decided, command, counted)),
        ),
        counted,
    )


def _is_too_many(login: Login, user: store.LockedUser) -> bool:
    arrival = login.command.arrival
    return unverified.is_too_many(user.unverified_claims, user.recent_claims, arrival.received_at, arrival.policy)


def _unsettles(login: Login, claiming: claims.Decided) -> bool:
    """Whether the login may change whose the browser's other visits are.

    It does if it arrives late, if it claims what had adopted another user's claim, or if it makes the browser a kiosk.
    """
    facts, command, arrival = login.facts, login.command, login.command.arrival
    takes = facts.held is not None and facts.held.method == "adopted" and facts.held.user_id != command.user_id
    was_kiosk, is_kiosk = (
        kiosk.is_kiosk(users, arrival.at, arrival.policy) for users in (facts.recent_users, claiming.recent_users or ())
    )
    return takes or facts.visitor_seen > arrival.at or (is_kiosk and not was_kiosk)


def _reached(login: Login, user: store.LockedUser, claiming: claims.Decided) -> list[propagation.Reached]:
    """Return the visitors that a login is carried on to: none if its visitor is a kiosk or has too many users."""
    arrival = login.command.arrival
    if len(user.others) >= arrival.policy.browser_users_max:
        return []
    if kiosk.is_kiosk(claiming.recent_users or (), arrival.at, arrival.policy):
        return []
    reached = propagation.near(
        login.facts.visitor_id,
        user.neighbours,
        claimed={opening.tenure_id for opening in claiming.decision.opens},
        at=arrival.at,
        policy=arrival.policy,
    )
    return list(reached.values())


def _carry(command: Identify, claimed: ClaimedLogin) -> propagate.Carry:
    arrival = command.arrival
    return propagate.Carry(
        user_id=command.user_id,
        claim=claimed.tenure_id,
        reached=claimed.reached,
        inferred=claimed.inferred,
        at=arrival.at,
        change=Change(arrival.ids.change, arrival.received_at, arrival.actor),
        policy=arrival.policy,
    )


def _identified(command: Identify, claimed: ClaimedLogin, carried: Carried) -> Identified:
    limited = (propagate.LIMITED_WARNING,) if carried.left_out else ()
    return Identified(
        session_id=claimed.session_id,
        identity_id=claimed.linked_id or claimed.identity_id,
        user_id=command.user_id,
        visitor_id=claimed.visitor_id,
        confidence=round(claimed.relationship.confidence / 100, 4),
        verified=command.verified,
        event_id=command.arrival.ids.event,
        updated=claimed.updated,
        propagated=carried.opened + (0 if claimed.is_repeated else carried.following),
        warnings=limited,
    )


def _unclaimed_standing(tx: Transaction, login: Login) -> Standing:
    arrival, tenure_id = login.command.arrival, login.facts.tenure_id
    return weigh.standings(tx, [tenure_id], Bound.of(arrival.policy, arrival.at))[tenure_id]


def _unclaimed(login: Login, standing: Standing) -> Identified:
    """Return the answer to a login that claims nothing: it has the tenure's standing."""
    arrival, facts = login.command.arrival, login.facts
    told = revealed(standing, arrival.policy, trusted=arrival.trusted, is_holder=login.command.jar_id is None)
    return Identified(
        session_id=facts.session_id,
        identity_id=told.identity_id,
        user_id=None,
        visitor_id=facts.survivor_id,
        confidence=standing.confidence,
        verified=False,
        event_id=arrival.ids.event,
        updated=store.Attributed(0, 0),
        propagated=0,
    )


def _warned(command: Identify, identified: Identified) -> tuple[Warned, ...]:
    """Return the warnings of a login: about odd input, a placeholder, too many claims, or neighbours that were left out."""
    warned, at = command.arrival.warnings, command.arrival.received_at
    if _is_placeholder(command):
        return (*warned, placeholder(command.user_id, at))
    if command.is_one_too_many:
        why = "more logins without a signature came than are believed: this one claims nothing"
        return (*warned, Warned("too_many_claims", command.user_id, why, at))
    if propagate.LIMITED_WARNING in identified.warnings:
        why = "more neighbours were seen than a login is carried on to: the surest were chosen"
        return (*warned, Warned(propagate.LIMITED_WARNING, command.user_id, why, at))
    return warned


def _claims(command: Identify) -> bool:
    """Whether a login may claim its tenure: not with a placeholder, and not by somebody who acts for the user."""
    return not (command.on_behalf_of or _is_placeholder(command))


def _is_placeholder(command: Identify) -> bool:
    return is_placeholder(command.user_id, command.arrival.policy.placeholder_user_ids)


def _around(command: Identify) -> store.Around:
    arrival = command.arrival
    return propagate.around(at=arrival.at, received_at=arrival.received_at, policy=arrival.policy)


def _source(command: Identify) -> Source:
    return Source.VERIFIED if command.verified else Source.CLAIMED


def _gather_row(i: int, command: Identify) -> dict[str, object]:
    return {
        "i": i,
        "message_id": command.message.kept_id,
        "session_id": command.session_id,
        "user_id": command.user_id,
        "at": command.arrival.at,
        "hashes": command.arrival.hashing.all_of(_names(command)),
    }


def _names(command: Identify) -> list[Name]:
    """Return the ids of a login that may be those of an erased person."""
    return [
        Name("message", command.message.kept_id),
        Name("session", command.session_id),
        Name("user", command.user_id),
        *([Name("jar", command.jar_id)] if command.jar_id is not None else []),
    ]


def _user_row(i: int, login: Login) -> dict[str, object]:
    around = _around(login.command)
    return {
        "i": i,
        "user_id": login.command.user_id,
        "identity_id": login.command.arrival.ids.user,
        "at": login.command.arrival.at,
        "survivor_id": login.facts.survivor_id,
        "tenure_ids": [login.facts.tenure_id, *(step.tenure_id for step in login.facts.above)],
        "verified": login.command.verified,
        "from_ids": sorted(login.locked.beside),
        "locked_ids": sorted(login.locked.visitor_ids),
        "weeks": list(around.weeks),
        "crowd": around.crowd,
        "shared_by_max": max(around.shared_by_max, default=0),
    }


def _trace(claiming: claims.Decided, command: Identify, counted: relationships.Counted) -> audit.Trace:
    facts = claiming.facts
    return audit.Trace(
        claiming.command.change,
        subjects=(f"user:{command.user_id}", f"visitor:{facts.visitor_id}"),
        act=command.message.call,
        before={
            "relationship": audit.relationship(command.user_id, facts.visitor_id, counted.before),
            "userId": facts.held.user_id if facts.held else None,
        },
        after={
            "relationship": audit.relationship(command.user_id, facts.visitor_id, counted.after),
            "userId": command.user_id,
            "tenureId": claiming.decision.claimed_id,
            "login": claiming.decision.kind.value,
        },
    )


def _event(command: Identify, result: Identified, identity_id: str) -> dict[str, object]:
    """Return the login as an event of its session, as a row; `identity_id` is the identity that it is recorded with."""
    event = track.Track(
        arrival=command.arrival,
        message=command.message,
        session_id=command.session_id,
        event_id=command.arrival.ids.event,
        name="identify",
        properties=command.properties,
    )
    return track.row(
        event,
        result.session_id,
        identity_id,
        result.confidence,
        messages.keep(result),
        user_id=result.user_id,
        source=_source(command) if result.user_id else None,
        named_user_id=None if result.user_id else command.user_id,
    )
