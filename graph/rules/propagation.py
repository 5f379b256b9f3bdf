"""Carry a login on to neighbours, and from them to their neighbours."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Evidence, Method
from graph.rules import confidence
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Neighbour:
    """A neighbour of the visitor `visitor_id`: seen with the same browser at the same address.

    `tenure_id` and `recent_users` are the neighbour's. `shared_by` is how many merge groups other than the visitor's
    were seen there. `last_seen` is when the neighbour was.
    """

    visitor_id: str
    neighbour_id: str
    tenure_id: str
    recent_users: Sequence[str]
    shared_by: int
    last_seen: datetime


@dataclass(frozen=True)
class Reached:
    """A visitor that a login is carried on to, and how sure, 0–1, it is the user's.

    `evidence` has one piece for each hop, the last hop's last. `via` are the tenures between; the first hop has none.
    """

    visitor_id: str
    tenure_id: str
    confidence: float
    evidence: tuple[Evidence, ...]
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
        arithmetic = confidence.of_ip_browser(neighbour.shared_by, age_seconds, policy)
        if before is not None:
            arithmetic = {**arithmetic, "before": before.confidence, "hop": policy.propagation_hop_factor}
        strength = confidence.multiplied(arithmetic)
        evidence = Evidence(Method.IP_BROWSER, strength, neighbour.shared_by, neighbour.last_seen, arithmetic)
        candidate = Reached(
            neighbour.neighbour_id,
            neighbour.tenure_id,
            strength,
            (*(before.evidence if before else ()), evidence),
            (*before.via, before.tenure_id) if before else (),
        )
        best = reached.get(neighbour.neighbour_id)
        if strength >= policy.propagation_confidence_min and (best is None or _order(candidate) > _order(best)):
            reached[neighbour.neighbour_id] = candidate
    return reached


def surest_each(reached: Sequence[Reached]) -> dict[str, Reached]:
    """Return the surest path to each tenure, by tenure: several visitors may be tied to one tenure."""
    return {path.tenure_id: path for path in sorted(reached, key=lambda path: (_order(path), path.visitor_id))}


def within(reached: Sequence[Reached], room: int) -> list[Reached]:
    """Return the surest of the visitors reached, at most `room`."""
    return sorted(reached, key=lambda path: (-path.confidence, path.tenure_id))[: max(0, room)]


def _order(path: Reached) -> tuple[float, datetime]:
    return path.confidence, path.last_seen
