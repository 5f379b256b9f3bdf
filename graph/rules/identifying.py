"""What a login changes: whose the tenure is, and who follows it.

A claim beats an inference; a second claim never overwrites the first. A tenure above the claimed one that is not
claimed itself adopts the earliest claim below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum


@dataclass(frozen=True)
class Held:
    """What a tenure resolves to: by its own claim, or adopted from the tenure that `claim` names. `at` is the login's."""

    method: str
    claim: str
    user_id: str
    at: datetime
    confidence: float = 1.0
    session_id: str | None = None


@dataclass(frozen=True)
class Rival:
    """The earliest claim that another child of a tenure would bring to it."""

    claim: str
    user_id: str
    at: datetime
    confidence: float


@dataclass(frozen=True)
class Above:
    """A tenure on the way up, how sure the tie to it is, what it resolves to, and what else it could adopt."""

    tenure_id: str
    tie: float
    held: Held | None
    rival: Rival | None


@dataclass(frozen=True)
class Again:
    """The next login of the user who holds a tenure, after the one that is decided: until then it is another's."""

    session_id: str
    at: datetime


@dataclass(frozen=True)
class ReleasedTenure:
    """The claim that was taken from a tenure: from that login on, what is in it is nobody's to inherit."""

    session_id: str
    at: datetime


class LoginKind(Enum):
    """What a login finds: nobody's tenure, the same user's, another user's from before, or another's from after."""

    FIRST = "first"
    AGAIN = "again"
    SECOND = "second"
    LATE = "late"


@dataclass(frozen=True)
class HandOver:
    """A session that another user takes over at a time: what it has from then on goes to a new tenure and session."""

    session_id: str
    at: datetime
    new_tenure_id: str
    new_session_id: str
    is_released: bool = False


@dataclass(frozen=True)
class Opening:
    """What a tenure resolves to from now on; a claim that makes room for an earlier one has moved."""

    tenure_id: str
    held: Held
    moved_from: str | None = None


@dataclass(frozen=True)
class ClaimDecision:
    """What changes: tenures whose resolution closes, and what opens in their place.

    `claimed_id` is the tenure that is the user's; `hand_overs`, latest first, make the tenures that are new.
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
    again: Again | None,
    above: Sequence[Above],
    released: ReleasedTenure | None = None,
) -> ClaimDecision:
    """Decide a login of a user at a time (corrected) in a session, for the tenure it is in.

    `again` is asked for only where another user holds the tenure.
    """
    own = held if held is not None and held.method == "claim" else None
    claim = Held("claim", tenure_id, user_id, at, 1.0, session_id)
    if own is None:
        return _unclaimed(claim, held, above, released, HandOver(session_id, at, new_tenure_id, new_session_id))
    if own.user_id == user_id:
        if at >= own.at:
            return ClaimDecision(LoginKind.AGAIN, tenure_id)
        closes, opens = carry(claim, held, above)
        return ClaimDecision(
            LoginKind.AGAIN, tenure_id, closes=(tenure_id, *closes), opens=(Opening(tenure_id, claim), *opens)
        )
    if at >= own.at:
        split = HandOver(session_id, at, new_tenure_id, new_session_id)
        theirs = Opening(new_tenure_id, Held("claim", new_tenure_id, user_id, at, 1.0, new_session_id))
        if again is None:
            return ClaimDecision(LoginKind.SECOND, new_tenure_id, (split,), opens=(theirs,))
        # It arrives after the holder's next login, which would have been another second one had all come in time.
        back = HandOver(again.session_id, again.at, later_tenure_id, later_session_id)
        holders = Opening(later_tenure_id, Held("claim", later_tenure_id, own.user_id, again.at, 1.0, later_session_id))
        return ClaimDecision(LoginKind.SECOND, new_tenure_id, (back, split), opens=(theirs, holders))
    # The earlier login arrives last. It gets the tenure with the history before it, as it would have in time; the
    # other's claim goes on from its own time in a tenure of its own.
    closes, opens = carry(claim, held, above)
    moved = Held("claim", new_tenure_id, own.user_id, own.at, 1.0, new_session_id)
    return ClaimDecision(
        LoginKind.LATE,
        tenure_id,
        (HandOver(own.session_id or session_id, own.at, new_tenure_id, new_session_id),),
        closes=(tenure_id, *closes),
        opens=(Opening(new_tenure_id, moved, moved_from=tenure_id), Opening(tenure_id, claim), *opens),
    )


def _unclaimed(
    claim: Held,
    held: Held | None,
    above: Sequence[Above],
    released: ReleasedTenure | None,
    apart: HandOver,
) -> ClaimDecision:
    """A login in a tenure that nobody has claimed, or nobody any more, from which it is then put apart."""
    if released is not None and claim.at >= released.at:
        theirs = replace(claim, claim=apart.new_tenure_id, session_id=apart.new_session_id)
        return ClaimDecision(LoginKind.SECOND, theirs.claim, (apart,), opens=(Opening(theirs.claim, theirs),))
    closes, opens = carry(claim, held, above)
    made = ClaimDecision(
        LoginKind.FIRST,
        claim.claim,
        closes=((claim.claim,) if held else ()) + closes,
        opens=(Opening(claim.claim, claim), *opens),
    )
    if released is None:
        return made
    # An earlier login gets what was before the released one, and nothing of what came with that.
    rest = replace(apart, session_id=released.session_id, at=released.at, is_released=True)
    return replace(made, kind=LoginKind.LATE, hand_overs=(rest,))


def carry(claim: Held, before: Held | None, above: Sequence[Above]) -> tuple[tuple[str, ...], tuple[Opening, ...]]:
    """Carry a claim upwards as far as something changes.

    A tenure above adopts it if it is earlier than what it adopted. One that followed what the tenure held before
    chooses again among its children. A claimed one is the end: nothing passes through it.
    """
    closes: list[str] = []
    opens: list[Opening] = []
    offered = Rival(claim.claim, claim.user_id, claim.at, claim.confidence)
    for step in above:
        if step.held is not None and step.held.method == "claim":
            break
        offered = Rival(offered.claim, offered.user_id, offered.at, min(offered.confidence, step.tie))
        follows = step.held is not None and before is not None and step.held.claim == before.claim
        chosen = offered
        if follows and step.rival is not None:
            chosen = min(offered, step.rival, key=_order)
        elif step.held is not None and not follows and _order(step.held) <= _order(offered):
            break
        adopted = Held("adopted", chosen.claim, chosen.user_id, chosen.at, chosen.confidence)
        if step.held is not None:
            closes.append(step.tenure_id)
        opens.append(Opening(step.tenure_id, adopted))
        offered = chosen
    return tuple(closes), tuple(opens)


def choose_again(steps: Sequence[Above]) -> tuple[tuple[str, ...], tuple[Opening, ...]]:
    """What tenures adopt, from one whose children or own claim changed upwards, as far as something changes.

    Each adopts the earliest claim that its children bring; a claimed one is the end. The first one's `rival` is the
    earliest of all its children's, any other's that of those that are not on the way.
    """
    closes: list[str] = []
    opens: list[Opening] = []
    brought: Rival | None = None
    for number, step in enumerate(steps):
        if step.held is not None and step.held.method == "claim":
            break
        if brought is not None:
            brought = replace(brought, confidence=min(brought.confidence, step.tie))
        chosen = min((one for one in (brought, step.rival) if one is not None), key=_order, default=None)
        adopted = Held("adopted", chosen.claim, chosen.user_id, chosen.at, chosen.confidence) if chosen else None
        if adopted == step.held and number > 0:
            break
        if step.held is not None and adopted != step.held:
            closes.append(step.tenure_id)
        if adopted is not None and adopted != step.held:
            opens.append(Opening(step.tenure_id, adopted))
        brought = chosen
    return tuple(closes), tuple(opens)


def _order(one: Held | Rival) -> tuple[datetime, str]:
    return one.at, one.claim
