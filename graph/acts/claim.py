"""Make a tenure a user's, as a login or a statement says; settle what follows from it, and close what it contradicts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from graph.acts import closing
from graph.model import Change, NewIds
from graph.queries import Rows
from graph.rules import identifying
from graph.rules.identifying import ClaimDecision, LoginKind
from graph.rules.policy import Policy
from graph.store import identify as store
from graph.store import propagate, release, users
from graph.transaction import Transaction


@dataclass(frozen=True)
class Claim:
    """A session is a user's from the time `at` on, as the change says; `verified` says that somebody vouches for it."""

    user_id: str
    at: datetime
    change: Change
    policy: Policy
    ids: NewIds
    verified: bool


@dataclass(frozen=True)
class Decided:
    """A claim, what it finds and what it changes.

    A login also has what is to be written of its users: the visitor's `recent_users`, the user's `recent_claims`, and the
    count and the trace as rows. `touches` are the tenures that are written after the claim.
    """

    command: Claim
    facts: store.LoginFacts
    identity_id: str
    decision: ClaimDecision
    recent_users: Sequence[str] | None = None
    recent_claims: Sequence[int] | None = None
    relationships: Rows = field(default=())
    traces: Rows = field(default=())
    touches: Collection[str] = ()

    @property
    def session_id(self) -> str:
        """The session that the login is in: after a second login, the successor session."""
        is_second = self.decision.kind is LoginKind.SECOND
        return self.command.ids.session if is_second else self.facts.session_id


@dataclass(frozen=True)
class Claimed:
    """A claim that was made by a statement: the tenure, and what the login found there."""

    tenure_id: str
    kind: LoginKind


def act(tx: Transaction, command: Claim, facts: store.LoginFacts) -> Claimed:
    """Claim the session's tenure for the user. Its jar and its visitor's merge group must be locked."""
    user = users.lock(tx, [(command.user_id, command.ids.user)], command.at)[command.user_id]
    decided = decide(command, facts, user.identity_id)
    apply(tx, [decided])
    return Claimed(decided.decision.claimed_id, decided.decision.kind)


def decide(command: Claim, facts: store.LoginFacts, identity_id: str) -> Decided:
    """Decide what a claim changes, given the identity of its locked user."""
    decision = identifying.decide(
        user_id=command.user_id,
        at=command.at,
        session_id=facts.session_id,
        tenure_id=facts.tenure_id,
        new_tenure_id=command.ids.tenure,
        new_session_id=command.ids.session,
        later_tenure_id=command.ids.later_tenure,
        later_session_id=command.ids.later_session,
        held=facts.held,
        again=facts.again,
        above=facts.above,
        released=facts.released,
        verified=command.verified,
    )
    return Decided(command, facts, identity_id, decision)


def apply(tx: Transaction, claims: Sequence[Decided]) -> list[store.Attributed]:
    """Write claims, and return for each how many sessions and events came to its user."""
    handed_over = [_make_room(tx.making(claim.command.change), claim) for claim in claims]
    attributed = store.apply(tx, [_writes(claim) for claim in claims]) if claims else []
    return [
        handed if claim.decision.kind is LoginKind.SECOND else gained
        for claim, handed, gained in zip(claims, handed_over, attributed, strict=True)
    ]


def _make_room(tx: Transaction, claim: Decided) -> store.Attributed:
    """Close the cannot-links that a claim contradicts, divide tenures, and move what was carried on from a moved claim."""
    decision = claim.decision
    if claim.facts.contradicts:
        _contradict(tx, claim.command, claim.facts.visitor_id)
    handed_over = store.Attributed(0, 0)
    for at_login in decision.hand_overs:
        handed_over = store.hand_over(tx, at_login)
    for opening in decision.opens:
        if opening.moved_from is not None:
            propagate.let_go(
                tx,
                user_id=opening.held.user_id,
                claim=opening.moved_from,
                moved_to=opening.tenure_id,
                at=claim.command.change.at,
            )
    return handed_over


def _contradict(tx: Transaction, command: Claim, visitor_id: str) -> None:
    """Close the cannot-links between the user and the visitor's merge group."""
    closed_at = closing.times(tx, [visitor_id], at=command.change.at)[visitor_id]
    release.allow(tx, [release.Contradiction(command.user_id, visitor_id, closed_at, command.change.id)])


def _writes(claim: Decided) -> store.Writes:
    decision = claim.decision
    return store.Writes(
        claim.command.change,
        decision.closes,
        decision.opens,
        touches=claim.touches,
        decides=decision.opens,
        gains=_newly_held(claim) if decision.kind in (LoginKind.FIRST, LoginKind.LATE) else (),
        visitor_id=claim.facts.visitor_id,
        recent_users=claim.recent_users,
        user_id=claim.command.user_id,
        recent_claims=claim.recent_claims,
        relationships=claim.relationships,
        traces=claim.traces,
    )


def _newly_held(claim: Decided) -> list[str]:
    """Return the tenures that resolve to the user from now on, without those above that already did."""
    user_id = claim.command.user_id
    held_before = {step.tenure_id for step in claim.facts.above if step.held and step.held.user_id == user_id}
    return [
        opening.tenure_id
        for opening in claim.decision.opens
        if opening.held.user_id == user_id and opening.tenure_id not in held_before
    ]
