"""Carry a login on to neighbours: their tenures are probably the user's, and never make an owner."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.model import Method
from graph.rules import propagation, times
from graph.rules.identifying import ClaimDecision
from graph.rules.policy import Policy
from graph.rules.probable import Bound, now_worth
from graph.store import identities, messages
from graph.store import propagate as store
from graph.transaction import Transaction

#: The warning that a login reached more visitors than the policy carries it on to, and the surest were chosen.
LIMITED_WARNING = "propagation_limited"

#: What a login reaches, by visitor.
ReachedByVisitor = dict[str, propagation.Reached]


@dataclass(frozen=True)
class Carried:
    """What carrying a login on came to.

    `opened` is the number of new inferences. `following` is the number of tenures that an older inference leads to the
    user by this claim. `is_limited` says that visitors were left out, because the user has too many inferences.
    """

    opened: int
    following: int
    is_limited: bool


def near(tx: Transaction, visitor_id: str, *, at: datetime, received_at: datetime, policy: Policy) -> ReachedByVisitor:
    """Return the visitors that a login on this visitor could be carried on to.

    The `tenure_id` of each is the top above its latest tenure. A neighbour counts if it was seen in the last
    `address_weeks` before the login or before its arrival. Both count because a `BrowserAtIp` is of the week in which a
    call arrived.
    """
    reached: ReachedByVisitor = {}
    hop: dict[str, propagation.Reached | None] = {visitor_id: None}
    seen = {visitor_id}
    weeks = sorted({week for time in (at, received_at) for week in times.iso_weeks(time, policy.address_weeks)})
    for _ in range(policy.propagation_hops):
        neighbours = store.neighbours(tx, visitor_id, sorted(hop), weeks=weeks, crowd=policy.address_crowd)
        further = propagation.reach(hop, neighbours, seen=seen, at=at, policy=policy)
        if not further:
            break
        seen |= further.keys()
        standings = identities.certainly(tx, sorted({path.tenure_id for path in further.values()}))
        # A login is not carried on to or through another user's browser: what was seen beside it is about that user.
        anonymous = {
            neighbour_id: replace(path, tenure_id=standings[path.tenure_id].identity_id)
            for neighbour_id, path in further.items()
            if standings[path.tenure_id].user_id is None
        }
        reached |= anonymous
        hop = {**anonymous}
        if not hop:
            break
    return reached


def carry(
    tx: Transaction,
    user_id: str,
    claim: str,
    reached: Sequence[propagation.Reached],
    *,
    at: datetime,
    policy: Policy,
) -> Carried:
    """Write inferences from the tenures reached to the user, by the claim of the tenure `claim`.

    An inference that an earlier login was carried on by is renewed. A tenure whose inference leads to the user by another
    way keeps that one and gets no second. The tenures' visitors must be locked.
    """
    if not reached:
        return Carried(0, 0, is_limited=False)
    paths = propagation.surest_each(reached)
    known = store.gather(tx, user_id, claim, sorted(paths))
    forbidden = {tenure_id for tenure_id in paths if known[tenure_id].is_forbidden}
    allowed = {tenure_id: path for tenure_id, path in paths.items() if forbidden.isdisjoint({tenure_id, *path.via})}
    renewed = [path for tenure_id, path in allowed.items() if known[tenure_id].carried_at is not None]
    unknown = [path for tenure_id, path in allowed.items() if known[tenure_id].leads == 0]
    opened = propagation.within(unknown, _room(tx, user_id, at, policy)) if unknown else []
    rows = [_row(path, is_new=False) for path in renewed] + [_row(path, is_new=True) for path in opened]
    if rows:
        store.propagate(tx, user_id=user_id, claim=claim, rows=rows, at=at)
    following = sum(known[tenure_id].by_claim > 0 for tenure_id in allowed)
    return Carried(len(opened), following, is_limited=len(opened) < len(unknown))


def _room(tx: Transaction, user_id: str, at: datetime, policy: Policy) -> int:
    """Return how many more inferences to the user the policy allows; a faded one takes no place."""
    bound = Bound(policy.propagation_confidence_min, at, policy.probable_half_life_days)
    alive = [link for link in store.inferred(tx, user_id=user_id) if now_worth(link, bound) >= bound.confidence_min]
    return policy.propagation_max - len(alive)


def _row(path: propagation.Reached, *, is_new: bool) -> dict[str, object]:
    return {
        "tenure_id": path.tenure_id,
        "is_new": is_new,
        "method": Method.IP_BROWSER.value,
        "confidence": path.confidence,
        "evidence": messages.keep(path.evidence),
        "last_seen": path.last_seen,
        "via": list(path.via),
    }


def settle(tx: Transaction, decision: ClaimDecision, *, at: datetime) -> None:
    """Close the inferences that a login's claims contradict.

    The inferences that were carried on from a claim which moved to another tenure move with it.
    """
    for opening in decision.opens:
        if opening.moved_from is not None:
            store.let_go(tx, user_id=opening.held.user_id, claim=opening.moved_from, moved_to=opening.tenure_id, at=at)
    settled = [{"tenure_id": opening.tenure_id, "user_id": opening.held.user_id} for opening in decision.opens]
    store.withdraw(tx, rows=settled, at=at)
