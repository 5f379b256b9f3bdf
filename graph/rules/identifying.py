"""What a login changes: which user a tenure belongs to, and which tenures above follow it.

A claim beats an inference, and a second claim never overwrites the first. An unclaimed tenure adopts the earliest claim
among the tenures tied to it from below.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum


@dataclass(frozen=True)
class Held:
    """What a tenure resolves to: an open `RESOLVES_TO` edge.

    `method` is `claim` or `adopted`. `claim` is the id of the tenure that the claim is of: of this tenure, or of the
    tenure that it adopted the claim from. `at` is the corrected time of the login. `verified` says that the claim's login
    had a valid signature, or that a server made the claim.
    """

    method: str
    claim: str
    user_id: str
    at: datetime
    confidence: float = 1.0
    session_id: str | None = None
    verified: bool = False


@dataclass(frozen=True)
class Rival:
    """The earliest claim among a tenure's other children: the tenures tied to it, without the one we came from."""

    claim: str
    user_id: str
    at: datetime
    confidence: float


@dataclass(frozen=True)
class Above:
    """A tenure on the way up along the ties.

    `tie` is the confidence, 0–1, of the tie that leads to it, `held` is what it resolves to, and `rival` is the claim
    that it could adopt from its other children.
    """

    tenure_id: str
    tie: float
    held: Held | None
    rival: Rival | None


@dataclass(frozen=True)
class LoginAt:
    """A login, by its session and its corrected time; `verified` as in `Held`."""

    session_id: str
    at: datetime
    verified: bool = False


class LoginKind(Enum):
    """What a login finds.

    - `FIRST`: a tenure that nobody has claimed.
    - `AGAIN`: a tenure that the same user has claimed.
    - `SECOND`: a tenure that another user has claimed by an earlier login, or whose earlier claim was released.
    - `LATE`: the same, but the other login is later.
    """

    FIRST = "first"
    AGAIN = "again"
    SECOND = "second"
    LATE = "late"


@dataclass(frozen=True)
class HandOver:
    """A session that is handed over: its events from `at` on go to a new tenure and a successor session.

    `is_released` says that the new tenure gets the part whose claim was released. `stays` is the holder of the tenure, if
    the holder's own login is of the same time: that login stays where it is.
    """

    session_id: str
    at: datetime
    new_tenure_id: str
    new_session_id: str
    is_released: bool = False
    stays: str | None = None


@dataclass(frozen=True)
class Opening:
    """What a tenure resolves to from now on.

    `moved_from` is the tenure that had the claim until now, if the claim makes room for an earlier login.
    """

    tenure_id: str
    held: Held
    moved_from: str | None = None


@dataclass(frozen=True)
class ClaimDecision:
    """What a login changes.

    `claimed_id` is the tenure that becomes the user's. `hand_overs`, latest first, make the new tenures. `closes` are
    the tenures whose `RESOLVES_TO` edge closes, and `opens` are the edges that open.
    """

    kind: LoginKind
    claimed_id: str
    hand_overs: tuple[HandOver, ...] = ()
    closes: tuple[str, ...] = ()
    opens: tuple[Opening, ...] = ()


def decide(
    *,
    user_id: str,
    at: datetime,
    session_id: str,
    tenure_id: str,
    new_tenure_id: str,
    new_session_id: str,
    later_tenure_id: str,
    later_session_id: str,
    held: Held | None,
    again: LoginAt | None,
    above: Sequence[Above],
    released: LoginAt | None = None,
    verified: bool = False,
) -> ClaimDecision:
    """Decide what a login changes, at its corrected time `at`, in a session of the tenure `tenure_id`.

    `above` are the tenures above, nearest first. `again` is the next login of another user who holds the tenure, if one
    arrived already: between the two logins the tenure is this user's. `released` is the login of a claim that was
    released: nobody inherits what is in the tenure from that login on. The new ids are for a tenure and a successor
    session that the login may need, the later ones for a second pair.
    """
    own_claim = held if held is not None and held.method == "claim" else None
    claim = Held("claim", tenure_id, user_id, at, 1.0, session_id, verified)
    if own_claim is None:
        return _unclaimed(claim, held, above, released, HandOver(session_id, at, new_tenure_id, new_session_id))
    if own_claim.user_id == user_id:
        return _again(claim, own_claim, above)
    if at >= own_claim.at:
        stays = own_claim.user_id if at == own_claim.at else None
        hand_over = HandOver(session_id, at, new_tenure_id, new_session_id, stays=stays)
        new_claim = Opening(new_tenure_id, replace(claim, claim=new_tenure_id, session_id=new_session_id))
        if again is None:
            return ClaimDecision(LoginKind.SECOND, new_tenure_id, (hand_over,), opens=(new_claim,))
        # The holder's next login arrived before this one. In time order that login would have been a second login too,
        # so the session is handed back to the holder there.
        hand_back = HandOver(again.session_id, again.at, later_tenure_id, later_session_id)
        later_claim = Held("claim", later_tenure_id, own_claim.user_id, again.at, 1.0, later_session_id, again.verified)
        return ClaimDecision(
            LoginKind.SECOND,
            new_tenure_id,
            (hand_back, hand_over),
            opens=(new_claim, Opening(later_tenure_id, later_claim)),
        )
    # The earlier login arrives last. It gets the tenure with the history before it, as it would have in time order. The
    # other user's claim goes on from its own time, in a new tenure.
    closes, opens = carry(claim, held, above)
    moved = replace(own_claim, claim=new_tenure_id, session_id=new_session_id)
    return ClaimDecision(
        LoginKind.LATE,
        tenure_id,
        (HandOver(own_claim.session_id or session_id, own_claim.at, new_tenure_id, new_session_id),),
        closes=(tenure_id, *closes),
        opens=(Opening(new_tenure_id, moved, moved_from=tenure_id), Opening(tenure_id, claim), *opens),
    )


def _again(claim: Held, own_claim: Held, above: Sequence[Above]) -> ClaimDecision:
    """Decide a login of the user who holds the tenure. An earlier login moves the claim; what is vouched for stays so."""
    claim = replace(claim, verified=claim.verified or own_claim.verified)
    if claim.at < own_claim.at:
        closes, opens = carry(claim, own_claim, above)
        opens = (Opening(claim.claim, claim), *opens)
        return ClaimDecision(LoginKind.AGAIN, claim.claim, closes=(claim.claim, *closes), opens=opens)
    if claim.verified == own_claim.verified:
        return ClaimDecision(LoginKind.AGAIN, claim.claim)
    vouched = Opening(claim.claim, replace(own_claim, verified=True))
    return ClaimDecision(LoginKind.AGAIN, claim.claim, closes=(claim.claim,), opens=(vouched,))


def _unclaimed(
    claim: Held,
    held: Held | None,
    above: Sequence[Above],
    released: LoginAt | None,
    hand_over: HandOver,
) -> ClaimDecision:
    """Decide a login in an unclaimed tenure. If a claim was released there, the tenure is divided between the two."""
    if released is not None and claim.at >= released.at:
        new_claim = replace(claim, claim=hand_over.new_tenure_id, session_id=hand_over.new_session_id)
        return ClaimDecision(
            LoginKind.SECOND, new_claim.claim, (hand_over,), opens=(Opening(new_claim.claim, new_claim),)
        )
    closes, opens = carry(claim, held, above)
    decision = ClaimDecision(
        LoginKind.FIRST,
        claim.claim,
        closes=((claim.claim,) if held else ()) + closes,
        opens=(Opening(claim.claim, claim), *opens),
    )
    if released is None:
        return decision
    # The login is earlier than the released one: it gets the tenure up to the released login, and nothing after that.
    released_part = replace(hand_over, session_id=released.session_id, at=released.at, is_released=True)
    return replace(decision, kind=LoginKind.LATE, hand_overs=(released_part,))


def carry(claim: Held, before: Held | None, above: Sequence[Above]) -> tuple[tuple[str, ...], tuple[Opening, ...]]:
    """Carry a claim up the ties, as far as something changes; `before` is what its tenure resolved to until now.

    A tenure that adopted the claim of `before` chooses between the carried claim and its `rival`. Any other tenure
    chooses between the carried claim and what it adopted, since its other children have not changed.

    Returns the tenures whose `RESOLVES_TO` edge closes, and the edges that open.
    """
    offered = Rival(claim.claim, claim.user_id, claim.at, claim.confidence)
    return _choose(
        [step if _follows(step, before) else replace(step, rival=_rival(step.held)) for step in above], offered
    )


def choose_again(steps: Sequence[Above]) -> tuple[tuple[str, ...], tuple[Opening, ...]]:
    """Let a tenure whose children or own claim changed, and then those above it, choose again what to adopt.

    `steps[0].rival` considers all children; later steps exclude the tenure we came from.

    Returns the tenures whose `RESOLVES_TO` edge closes, and the edges that open.
    """
    return _choose(steps, None)


def _choose(steps: Sequence[Above], offered: Rival | None) -> tuple[tuple[str, ...], tuple[Opening, ...]]:
    """Let each tenure adopt the earlier of the claim that is offered from below and its rival, and offer it on.

    The walk ends at a claimed tenure, since nothing passes through it, and where a tenure keeps what it adopted. The
    first tenure never ends it if nothing is offered to it: its own change is the reason for the walk.
    """
    closes: list[str] = []
    opens: list[Opening] = []
    may_end = offered is not None
    for step in steps:
        if step.held is not None and step.held.method == "claim":
            break
        if offered is not None:
            offered = replace(offered, confidence=min(offered.confidence, step.tie))
        chosen = min((rival for rival in (offered, step.rival) if rival is not None), key=_order, default=None)
        adopted = Held("adopted", chosen.claim, chosen.user_id, chosen.at, chosen.confidence) if chosen else None
        if adopted == step.held and may_end:
            break
        if step.held is not None and adopted != step.held:
            closes.append(step.tenure_id)
        if adopted is not None and adopted != step.held:
            opens.append(Opening(step.tenure_id, adopted))
        offered, may_end = chosen, True
    return tuple(closes), tuple(opens)


def _follows(step: Above, before: Held | None) -> bool:
    return step.held is not None and before is not None and step.held.claim == before.claim


def _rival(held: Held | None) -> Rival | None:
    return Rival(held.claim, held.user_id, held.at, held.confidence) if held is not None else None


def _order(claim: Held | Rival) -> tuple[datetime, str]:
    return claim.at, claim.claim
