"""Whose the first visit of a jar was, by who used its browser then: the same in whatever order all of it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy
from graph.rules.weighing import UserThere


@dataclass(frozen=True)
class ClaimThere:
    """A tenure that a user claimed on a browser by a login of the time `at`."""

    tenure_id: str
    user_id: str
    identity_id: str
    at: datetime


@dataclass(frozen=True)
class Unclaimed:
    """The first tenure of a jar, which nobody claimed.

    `user_id` is whose it is now. `above_id` is what it is tied to, and `below_ids` are the tenures tied to it by fingerprint.
    `confidence` and `evidence`, JSON text, are those of its tie, or else of its jar's fingerprint. The visitor's first jar
    has no evidence.
    """

    tenure_id: str
    first_seen: datetime
    user_id: str | None
    above_id: str | None
    tie_method: str | None
    below_ids: Sequence[str]
    fingerprint: str
    confidence: float
    evidence: str | None


def belongs_below(
    first_seen: datetime, users: Sequence[UserThere], claims: Sequence[ClaimThere], policy: Policy
) -> tuple[ClaimThere, ...]:
    """Return below which claims a jar's first tenure belongs.

    If the browser had one user in the days before (`browser_users_days`), it is that user's. With several, it is probably
    each one's. If nobody had logged in by then, it is that of whoever logged in first afterwards; if nobody did, there is
    no claim.
    """
    by_then = [
        user.user_id
        for user in users
        if user.first_seen <= first_seen and user.last_seen >= first_seen - policy.browser_users
    ]
    if by_then:
        latest = {claim.user_id: claim for claim in sorted(claims, key=_order) if claim.user_id in by_then}
        return tuple(sorted(latest.values(), key=_order))
    later = [claim for claim in claims if claim.at > first_seen]
    return (min(later, key=_order),) if later else ()


def settle(
    tenures: Sequence[Unclaimed],
    users: Sequence[UserThere],
    claims: Sequence[ClaimThere],
    recent_users: Sequence[str],
    policy: Policy,
) -> dict[str, tuple[ClaimThere, ...]]:
    """Return the tenures that are not tied as they would be, had everything arrived in its order, each with its claims.

    Those of a kiosk are tied to nothing. Those stay as they are that a merge tied, or that are tied to what is neither such a
    tenure nor a claim, as after a log-out. If one tenure is not as it would be, all others are tied to the claims themselves:
    they may have led through it.
    """
    places = {None, *(tenure.tenure_id for tenure in tenures), *(claim.tenure_id for claim in claims)}
    now = {
        tenure.tenure_id: tenure
        for tenure in tenures
        if tenure.tie_method in (None, "fingerprint") and tenure.above_id in places
    }
    of_kiosk = {id_ for id_, tenure in now.items() if is_kiosk(recent_users, tenure.first_seen, policy)}
    wanted = {
        id_: () if id_ in of_kiosk else belongs_below(tenure.first_seen, users, claims, policy)
        for id_, tenure in now.items()
    }

    def is_settled(id_: str) -> bool:
        if len(wanted[id_]) == 1:
            return now[id_].user_id == wanted[id_][0].user_id
        is_alone = now[id_].above_id is None and now[id_].user_id is None
        return is_alone or (not wanted[id_] and id_ not in of_kiosk)

    if all(is_settled(id_) for id_ in now):
        return {}
    of_user = {claim.tenure_id: claim.user_id for claim in claims}

    def leads_to_claim(id_: str) -> bool:
        return of_user.get(now[id_].above_id or "") == wanted[id_][0].user_id

    return {
        id_: claims_
        for id_, claims_ in wanted.items()
        if not is_settled(id_) or (len(claims_) == 1 and not leads_to_claim(id_))
    }


def _order(claim: ClaimThere) -> tuple[datetime, str]:
    return claim.at, claim.tenure_id
