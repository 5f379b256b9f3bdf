"""Carry a login on to neighbours, and from them to their neighbours."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from graph.model import Evidence, Method
from graph.rules import confidence, similarity, weighing
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Neighbour:
    """A neighbour of the visitor `visitor_id`: seen with the same browser at the same address, and nobody's yet.

    `tenure_id` is the top above the neighbour's latest tenure, and `recent_users` are the neighbour's. `shared_by` is how
    many merge groups other than the visitor's were seen there. `last_seen` is when the neighbour was. `features` are what is
    compared of the neighbour's latest fingerprint, and `beside_features` of the visitor's. The other fields are the place.
    """

    visitor_id: str
    neighbour_id: str
    tenure_id: str
    recent_users: Sequence[str]
    shared_by: int
    last_seen: datetime
    address: str
    browser: str
    os: str
    device_class: str
    features: str | None = None
    beside_features: str | None = None

    @property
    def rests_on(self) -> str:
        """What the evidence of this neighbour rests on."""
        return weighing.key(
            Method.IP_BROWSER,
            {"address": self.address, "browser": self.browser, "os": self.os, "device_class": self.device_class},
        )


@dataclass(frozen=True)
class Reached:
    """A visitor that a login is carried on to, and how sure, 0–1, it is the user's.

    `evidence` has one piece for each hop, the last hop's last, and `rests_on` what each rests on. `via` are the tenures
    between; the first hop has none.
    """

    visitor_id: str
    tenure_id: str
    confidence: float
    evidence: tuple[Evidence, ...]
    rests_on: tuple[str, ...]
    via: tuple[str, ...] = ()

    @property
    def last_seen(self) -> datetime:
        """When the visitor itself was last seen, by the last hop's evidence."""
        return next(piece.last_seen for piece in reversed(self.evidence) if piece.last_seen is not None)


def reach(
    start: Mapping[str, Reached | None],
    found: Sequence[Neighbour],
    *,
    seen: Collection[str],
    at: datetime,
    policy: Policy,
) -> dict[str, Reached]:
    """Carry a login one hop further, and return the visitors that it reaches, each by its surest path.

    `start` are the visitors that the last hop reached; the visitor that logged in has None there. `found` are their
    neighbours. After the first hop, the confidence is the product of the confidence before, the neighbour's strength and
    the policy's `propagation_hop_factor`.

    A login is not carried on to:

    - a kiosk, and so not through it either
    - a visitor that was `seen` at an earlier hop
    - a visitor that would be less sure than the policy's `propagation_confidence_min`

    Example: at the first hop a neighbour is 0.6. A neighbour of that neighbour, also 0.6, is 0.6 × 0.6 × 0.5 = 0.18.
    """
    reached: dict[str, Reached] = {}
    for neighbour in sorted(found, key=lambda neighbour: (neighbour.visitor_id, neighbour.neighbour_id)):
        if neighbour.neighbour_id in seen or is_kiosk(neighbour.recent_users, at, policy):
            continue
        before = start[neighbour.visitor_id]
        age_seconds = (at - neighbour.last_seen).total_seconds()
        is_other_machine = similarity.are_of_two_machines(neighbour.beside_features, neighbour.features, policy)
        arithmetic = _arithmetic(
            neighbour.shared_by,
            age_seconds,
            before.confidence if before else None,
            policy,
            is_other_machine=is_other_machine,
        )
        strength = confidence.multiplied(arithmetic)
        evidence = Evidence(Method.IP_BROWSER, strength, neighbour.shared_by, neighbour.last_seen, arithmetic)
        candidate = Reached(
            neighbour.neighbour_id,
            neighbour.tenure_id,
            strength,
            (*(before.evidence if before else ()), evidence),
            (*(before.rests_on if before else ()), neighbour.rests_on),
            (*before.via, before.tenure_id) if before else (),
        )
        best = reached.get(neighbour.neighbour_id)
        if strength >= policy.propagation_confidence_min and (best is None or _order(candidate) > _order(best)):
            reached[neighbour.neighbour_id] = candidate
    return reached


def near(
    visitor_id: str, neighbours: Sequence[Neighbour], *, claimed: Collection[str], at: datetime, policy: Policy
) -> dict[str, Reached]:
    """Carry a login on, hop by hop, and return what it reaches, by visitor.

    It is not carried on to or through the tenures `claimed`, which have a user from this login on.
    """
    reached: dict[str, Reached] = {}
    hop: dict[str, Reached | None] = {visitor_id: None}
    seen = {visitor_id}
    for _ in range(policy.propagation_hops):
        further = reach(
            hop, [found for found in neighbours if found.visitor_id in hop], seen=seen, at=at, policy=policy
        )
        seen |= further.keys()
        anonymous = {found_id: path for found_id, path in further.items() if path.tenure_id not in claimed}
        reached |= anonymous
        hop = {**anonymous}
    return reached


def surest_each(reached: Sequence[Reached]) -> dict[str, Reached]:
    """Return the surest path to each tenure, by tenure: several visitors may be tied to one tenure."""
    return {path.tenure_id: path for path in sorted(reached, key=lambda path: (_order(path), path.visitor_id))}


@lru_cache(maxsize=256)
def shared_by_max(policy: Policy) -> tuple[int, ...]:
    """Return, for each hop, the most other merge groups at a place by which a login can be carried on.

    The policy's `propagation_confidence_min` decides, and hops that no login gets to are left out. With the default
    policy it is 17 others for the first hop and 4 for the second.
    """
    most: list[int] = []
    before: float | None = None
    for _ in range(policy.propagation_hops):
        sure = [
            confidence.multiplied(_arithmetic(others, 0.0, before, policy)) >= policy.propagation_confidence_min
            for others in range(1, policy.address_crowd)
        ]
        if not any(sure):
            break
        most.append(sum(sure))
        before = confidence.multiplied(_arithmetic(1, 0.0, before, policy))
    return tuple(most)


def _arithmetic(
    others: int, age_seconds: float, before: float | None, policy: Policy, *, is_other_machine: bool = False
) -> dict[str, float]:
    """Return the factors of a login's confidence at a neighbour; `before` is its confidence a hop earlier."""
    arithmetic = confidence.of_ip_browser(others, age_seconds, policy, is_other_machine=is_other_machine)
    if before is None:
        return arithmetic
    return {**arithmetic, "before": before, "hop": policy.propagation_hop_factor}


def _order(path: Reached) -> tuple[float, datetime]:
    return path.confidence, path.last_seen
