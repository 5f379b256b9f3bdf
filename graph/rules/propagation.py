"""How far a login is carried: to browsers seen at the same address with the same browser, and on from those."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Evidence, Method
from graph.rules import confidence
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Neighbour:
    """A visitor seen where another was: `shared_by` counts the others there besides it, `last_seen` is its own time."""

    visitor_id: str
    neighbour_id: str
    tenure_id: str
    recent_users: Sequence[str]
    shared_by: int
    last_seen: datetime


@dataclass(frozen=True)
class Reached:
    """A visitor that a login is carried on to: how sure, 0–1, by what evidence, the nearest hop last, and via whom.

    `via` are the tenures between, none at the first hop.
    """

    visitor_id: str
    tenure_id: str
    confidence: float
    evidence: tuple[Evidence, ...]
    via: tuple[str, ...] = ()

    @property
    def last_seen(self) -> datetime:
        """When the visitor was last seen where the evidence is."""
        return next(one.last_seen for one in reversed(self.evidence) if one.last_seen is not None)


def reach(
    start: Mapping[str, Reached | None],
    found: Sequence[Neighbour],
    *,
    seen: Collection[str],
    at: datetime,
    policy: Policy,
) -> dict[str, Reached]:
    """One more hop: the visitors reached from those of `start`, each by its surest way.

    `start` has None for the visitor that logged in. What is left after a further hop is the product of both strengths
    and the policy's factor. Not through or to a kiosk, to one that was `seen`, or where less than the policy's least
    would be left.
    """
    reached: dict[str, Reached] = {}
    for one in sorted(found, key=lambda one: (one.visitor_id, one.neighbour_id)):
        if one.neighbour_id in seen or is_kiosk(one.recent_users, at, policy):
            continue
        before = start[one.visitor_id]
        age_seconds = (at - one.last_seen).total_seconds()
        arithmetic = confidence.of_ip_browser(one.shared_by, age_seconds, policy)
        if before is not None:
            arithmetic = {**arithmetic, "before": before.confidence, "hop": policy.propagation_hop_factor}
        strength = confidence.multiplied(arithmetic)
        evidence = Evidence(Method.IP_BROWSER, strength, one.shared_by, one.last_seen, arithmetic)
        way = Reached(
            one.neighbour_id,
            one.tenure_id,
            strength,
            (*(before.evidence if before else ()), evidence),
            (*before.via, before.tenure_id) if before else (),
        )
        best = reached.get(one.neighbour_id)
        if strength >= policy.propagation_confidence_min and (best is None or _order(way) > _order(best)):
            reached[one.neighbour_id] = way
    return reached


def surest_each(reached: Sequence[Reached]) -> dict[str, Reached]:
    """By tenure the surest way to it: several visitors may be tied to one."""
    return {way.tenure_id: way for way in sorted(reached, key=lambda way: (_order(way), way.visitor_id))}


def within(reached: Sequence[Reached], room: int) -> list[Reached]:
    """The surest of those reached, as many as there is room for."""
    return sorted(reached, key=lambda one: (-one.confidence, one.tenure_id))[: max(0, room)]


def _order(way: Reached) -> tuple[float, datetime]:
    return way.confidence, way.last_seen
