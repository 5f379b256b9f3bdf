"""Carry logins on to neighbours: their tenures are probably the user's, and never make an owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Change, Method
from graph.rules import propagation, times
from graph.rules.policy import Policy
from graph.rules.probable import Bound, Link, now_worth
from graph.store import messages
from graph.store import propagate as store
from graph.store.identify import Around
from graph.transaction import Transaction

#: The warning that a login reached more visitors than the policy carries it on to, and the surest were chosen.
LIMITED_WARNING = "propagation_limited"


@dataclass(frozen=True)
class Carry:
    """A login to carry on.

    `claim` is the tenure that the user has claimed by it, `reached` are the visitors that it reaches, and `inferred` the
    inferences that point to the user already.
    """

    user_id: str
    claim: str
    reached: Sequence[propagation.Reached]
    inferred: Sequence[Link]
    at: datetime
    change: Change
    policy: Policy


def around(*, at: datetime, received_at: datetime, policy: Policy) -> Around:
    """Return where to look for visitors that a login could be carried on to.

    A neighbour counts if it was seen in the last `address_weeks` before the login or before its arrival. Both count
    because a `BrowserAtIp` is of the week in which a call arrived.
    """
    weeks = {week for time in (at, received_at) for week in times.iso_weeks(time, policy.address_weeks)}
    shared_by_max = propagation.shared_by_max(policy)
    return Around(sorted(weeks) if shared_by_max else [], policy.address_crowd, shared_by_max)


def carry(tx: Transaction, logins: Sequence[Carry]) -> list[store.Carried]:
    """Write inferences from the tenures that each login reaches to its user, and return what that came to.

    An inference that an earlier login was carried on by is renewed. A tenure whose inference leads to the user by another
    way keeps that one and gets no second. The tenures' visitors must be locked.
    """
    carried = store.apply(tx, [_row(i, login) for i, login in enumerate(logins) if login.reached])
    return [carried.get(i, store.Carried(i, 0, 0, 0)) for i in range(len(logins))]


def _row(i: int, login: Carry) -> dict[str, object]:
    return {
        "i": i,
        "user_id": login.user_id,
        "claim": login.claim,
        "at": login.at,
        "change_id": login.change.id,
        "room": max(0, _room(login)),
        "weeks": times.weeks_around((login.at, login.change.at), login.policy.address_weeks),
        "paths": [_path(path) for path in propagation.surest_each(login.reached).values()],
    }


def _room(login: Carry) -> int:
    """Return how many more inferences to the user the policy allows; a faded one takes no place."""
    bound = Bound(login.policy.propagation_confidence_min, login.at, login.policy)
    alive = [link for link in login.inferred if now_worth(link, bound) >= bound.confidence_min]
    return login.policy.propagation_max - len(alive)


def _path(path: propagation.Reached) -> dict[str, object]:
    return {
        "tenure_id": path.tenure_id,
        "method": Method.IP_BROWSER.value,
        "confidence": path.confidence,
        "evidence": messages.keep(path.evidence),
        "rests_on": list(path.rests_on),
        "last_seen": path.last_seen,
        "via": list(path.via),
    }
