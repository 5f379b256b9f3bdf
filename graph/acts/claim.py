"""Make a tenure a user's, as a login or a statement says, and settle what follows from it and what it contradicts."""

from dataclasses import dataclass
from datetime import datetime

from graph.acts import closing, propagate
from graph.errors import Refused
from graph.model import NewIds
from graph.rules import identifying
from graph.rules.identifying import LoginKind
from graph.rules.policy import Policy
from graph.store import identify as store
from graph.store import release, users
from graph.transaction import Transaction


@dataclass(frozen=True)
class Claim:
    """That a session is a user's from `at` on, as was heard at `received_at`."""

    user_id: str
    at: datetime
    received_at: datetime
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Updated:
    """What belongs to the user because of a call."""

    sessions: int
    events: int


@dataclass(frozen=True)
class Claimed:
    """A claim as made: in which session and tenure, for which identity, what it found, and what followed it."""

    session_id: str
    tenure_id: str
    identity_id: str
    kind: LoginKind
    updated: Updated


def act(tx: Transaction, command: Claim, found: store.LoginFacts) -> Claimed:
    """Claim the session's tenure; its jar, its visitor and those this is one with are locked.

    Raises `Refused` for a user who has more tenures than any person.
    """
    user = users.lock(tx, [(command.user_id, command.ids.user)], command.at)[command.user_id]
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
    if decided.kind is not LoginKind.AGAIN and user.tenures >= command.policy.claims_max:
        raise Refused(
            "so many browsers are this user's that it can be no person's account",
            code="merge_refused",
            reason="too_many_claims",
            subject=command.user_id,
        )
    if found.contradicts:
        on = found.visitor_id
        when = closing.times(tx, [on], at=command.received_at)[on]
        release.allow(tx, [release.Otherwise(command.user_id, on, when, command.ids.change)])
    updated = Updated(0, 0)
    for split in decided.hand_overs:
        moved = store.hand_over(tx, split)
        updated = Updated(moved.sessions, moved.events)
    store.apply(tx, decided, now=command.received_at)
    propagate.settle(tx, decided, at=command.received_at)
    if decided.kind in (LoginKind.FIRST, LoginKind.LATE):
        theirs = {step.tenure_id for step in found.above if step.held and step.held.user_id == command.user_id}
        follow = [
            opening.tenure_id
            for opening in decided.opens
            if opening.held.user_id == command.user_id and opening.tenure_id not in theirs
        ]
        counted = store.attributed.one(tx, tenure_ids=follow)
        updated = Updated(counted.sessions, counted.events)
    return Claimed(
        session_id=command.ids.session if decided.kind is LoginKind.SECOND else found.session_id,
        tenure_id=decided.claimed_id,
        identity_id=user.identity_id,
        kind=decided.kind,
        updated=updated,
    )
