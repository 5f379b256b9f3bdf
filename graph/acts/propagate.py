"""Carry a login on to visitors seen with the same browser at the same address: probable, never an owner."""

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

#: More were seen than the policy carries a login on to: the surest were chosen.
LIMITED_WARNING = "propagation_limited"

Reached = dict[str, propagation.Reached]


@dataclass(frozen=True)
class Carried:
    """How many tenures are probably the user's by a login, and whether others were left out for being too many."""

    made: int
    led: int
    is_limited: bool


def near(tx: Transaction, visitor_id: str, *, at: datetime, received_at: datetime, policy: Policy) -> Reached:
    """Whom a login on a visitor could be carried on to, by visitor; each with the tenure at the top of its latest's ties.

    Looked for in the weeks up to the login and, as places are kept by when calls arrived, up to its arrival.
    """
    reached: Reached = {}
    hop: dict[str, propagation.Reached | None] = {visitor_id: None}
    seen = {visitor_id}
    weeks = sorted({week for time in (at, received_at) for week in times.iso_weeks(time, policy.address_weeks)})
    for _ in range(policy.propagation_hops):
        found = store.neighbours(tx, visitor_id, sorted(hop), weeks=weeks, crowd=policy.address_crowd)
        further = propagation.reach(hop, found, seen=seen, at=at, policy=policy)
        if not further:
            break
        seen |= further.keys()
        standings = identities.certainly(tx, sorted({way.tenure_id for way in further.values()}))
        # Somebody else's browser leads nowhere: what it says about those beyond it is about that somebody.
        anonymous = {
            one: replace(way, tenure_id=standings[way.tenure_id].identity_id)
            for one, way in further.items()
            if standings[way.tenure_id].user_id is None
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
    """Write down that those reached are probably the user's, by the claim of a tenure; their visitors are locked.

    What leads to the user already is renewed where it was carried on before, and left where it was found otherwise.
    """
    if not reached:
        return Carried(0, 0, is_limited=False)
    ways = propagation.surest_each(reached)
    known = store.gather(tx, user_id, claim, sorted(ways))
    forbidden = {one for one in ways if known[one].is_forbidden}
    ways = {one: way for one, way in ways.items() if forbidden.isdisjoint({one, *way.via})}
    again = [way for one, way in ways.items() if known[one].carried_at is not None]
    unknown = [way for one, way in ways.items() if known[one].leads == 0]
    chosen = propagation.within(unknown, _room(tx, user_id, at, policy)) if unknown else []
    rows = [_row(way, is_new=False) for way in again] + [_row(way, is_new=True) for way in chosen]
    if rows:
        store.propagate(tx, user_id=user_id, claim=claim, rows=rows, at=at)
    led = sum(known[one].by_claim > 0 for one in ways)
    return Carried(len(chosen), led, is_limited=len(chosen) < len(unknown))


def _room(tx: Transaction, user_id: str, at: datetime, policy: Policy) -> int:
    """How many more may probably be a user's; what has faded takes nobody's place."""
    bound = Bound(policy.propagation_confidence_min, at, policy.probable_half_life_days)
    alive = [link for link in store.inferred(tx, user_id=user_id) if now_worth(link, bound) >= bound.confidence_min]
    return policy.propagation_max - len(alive)


def _row(way: propagation.Reached, *, is_new: bool) -> dict[str, object]:
    return {
        "tenure_id": way.tenure_id,
        "is_new": is_new,
        "method": Method.IP_BROWSER.value,
        "confidence": way.confidence,
        "evidence": messages.keep(way.evidence),
        "last_seen": way.last_seen,
        "via": list(way.via),
    }


def settle(tx: Transaction, decided: ClaimDecision, *, at: datetime) -> None:
    """Close what is contradicted by what tenures resolve to now; what was carried on from a claim moves with it."""
    for opening in decided.opens:
        if opening.moved_from is not None:
            store.let_go(tx, user_id=opening.held.user_id, claim=opening.moved_from, moved_to=opening.tenure_id, at=at)
    settled = [{"tenure_id": opening.tenure_id, "user_id": opening.held.user_id} for opening in decided.opens]
    store.withdraw(tx, rows=settled, at=at)
