"""Make a tenure a user's, as a login or a statement says; settle what follows from it, and close what it contradicts."""

from dataclasses import dataclass
from datetime import datetime

from graph.acts import closing, propagate
from graph.errors import Refused
from graph.model import NewIds
from graph.rules import identifying
from graph.rules.identifying import ClaimDecision, LoginKind
from graph.rules.policy import Policy
from graph.store import identify as store
from graph.store import release, users
from graph.transaction import Transaction


@dataclass(frozen=True)
class Claim:
    """A session is a user's from the time `at` on; the service heard of it at `received_at`."""

    user_id: str
    at: datetime
    received_at: datetime
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Claimed:
    """A claim that was made.

    `session_id` and `tenure_id` are the ones that the login is in: after a second login, a successor session and a new
    tenure. `kind` says what the login found. `updated` counts what came to the user by it.
    """

    session_id: str
    tenure_id: str
    identity_id: str
    kind: LoginKind
    updated: store.Attributed


def act(tx: Transaction, command: Claim, facts: store.LoginFacts) -> Claimed:
    """Claim the session's tenure for the user. Its jar and its visitor's merge group must be locked.

    Raises:
        Refused: The user has as many tenures as the policy's `claims_max`, so it can be no person's account.
    """
    user = users.lock(tx, [(command.user_id, command.ids.user)], command.at)[command.user_id]
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
    )
    if decision.kind is not LoginKind.AGAIN and user.tenures >= command.policy.claims_max:
        raise Refused(
            "so many browsers are this user's that it can be no person's account",
            code="merge_refused",
            reason="too_many_claims",
            subject=command.user_id,
        )
    if facts.contradicts:
        _contradict(tx, command, facts.visitor_id)
    updated = store.Attributed(0, 0)
    for hand_over in decision.hand_overs:
        updated = store.hand_over(tx, hand_over)
    store.apply(tx, decision, now=command.received_at)
    propagate.settle(tx, decision, at=command.received_at)
    if decision.kind in (LoginKind.FIRST, LoginKind.LATE):
        updated = store.attributed.one(tx, tenure_ids=_newly_held(decision, command.user_id, facts))
    return Claimed(
        session_id=command.ids.session if decision.kind is LoginKind.SECOND else facts.session_id,
        tenure_id=decision.claimed_id,
        identity_id=user.identity_id,
        kind=decision.kind,
        updated=updated,
    )


def _contradict(tx: Transaction, command: Claim, visitor_id: str) -> None:
    """Close the cannot-links between the user and the visitor's merge group."""
    closed_at = closing.times(tx, [visitor_id], at=command.received_at)[visitor_id]
    release.allow(tx, [release.Contradiction(command.user_id, visitor_id, closed_at, command.ids.change)])


def _newly_held(decision: ClaimDecision, user_id: str, facts: store.LoginFacts) -> list[str]:
    """Return the tenures that resolve to the user from now on, without those above that already did."""
    held_before = {step.tenure_id for step in facts.above if step.held and step.held.user_id == user_id}
    return [
        opening.tenure_id
        for opening in decision.opens
        if opening.held.user_id == user_id and opening.tenure_id not in held_before
    ]
