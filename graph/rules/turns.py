"""Whose the first visit of a jar was, by who used its browser then: the same in whatever order all of it arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy
from graph.rules.weighing import UserThere


@dataclass(frozen=True)
class ClaimThere:
    """A tenure that a user claimed on a browser by a login of the time `at`.

    `above_id` is what it is tied to. `fingerprint` and `confidence` say how its jar was recognised; they are None if it was
    not by a fingerprint. `linked_id` is the identity of all users linked with the user.
    """

    tenure_id: str
    user_id: str
    identity_id: str
    at: datetime
    above_id: str | None = None
    fingerprint: str | None = None
    confidence: float | None = None
    linked_id: str | None = None


@dataclass(frozen=True)
class Unclaimed:
    """The first tenure of a jar, which nobody claimed.

    `user_id` is whose it is now. `above_id` is what it is tied to, `below_ids` are the tenures tied to it, and
    `inferred_users` are those whose it probably is by its fingerprint. With `is_apart` it was tied to nothing when it arrived,
    as after a log-out or at a kiosk. `fingerprint`, `confidence` and `evidence`, which is
    JSON text, say how its jar was recognised; the visitor's first jar was not.
    """

    tenure_id: str
    first_seen: datetime
    user_id: str | None
    above_id: str | None
    below_ids: Sequence[str]
    inferred_users: Sequence[str]
    is_apart: bool
    fingerprint: str | None
    confidence: float
    evidence: str | None


@dataclass(frozen=True)
class Turn:
    """Whose a jar's first tenure is, by the users' claims on its browser.

    One user has it for sure, several probably. Without claims nothing is known, or it is a kiosk's (`is_nobodys`).
    """

    claims: tuple[ClaimThere, ...] = ()
    is_several: bool = False
    is_nobodys: bool = False

    @property
    def only(self) -> ClaimThere | None:
        """The claim of the one user."""
        return self.claims[0] if self.claims and not self.is_several else None


def belongs_below(
    first_seen: datetime, users: Sequence[UserThere], claims: Sequence[ClaimThere], policy: Policy
) -> Turn:
    """Return whose a jar's first tenure is that was first used at a time.

    - If the browser had one user in the days before (`browser_users_days`), it is that user's.
    - If it had several, it is probably each one's.
    - Else it is that of whoever logged in last before that; if nobody did, of whoever logged in first afterwards.
    """
    by_then = [
        user.user_id
        for user in users
        if user.first_seen <= first_seen and user.last_seen >= first_seen - policy.browser_users
    ]
    in_order = sorted(claims, key=_order)
    if by_then:
        latest = {claim.user_id: claim for claim in in_order if claim.user_id in by_then}
        return Turn(tuple(sorted(latest.values(), key=_order)), is_several=len(by_then) > 1)
    before = [claim for claim in in_order if claim.at <= first_seen]
    return Turn(tuple(before[-1:] or in_order[:1]))


def settle(
    tenures: Sequence[Unclaimed],
    users: Sequence[UserThere],
    claims: Sequence[ClaimThere],
    recent_users: Sequence[str],
    policy: Policy,
) -> dict[str, Turn]:
    """Return the tenures that are not as they would be, had everything arrived in its order, each with whose it is.

    A tenure stays as it is that is tied to something else than a claim or another of these tenures, as after a log-out. One
    that is the right user's by way of a tenure that moves is among the result.
    """
    places = {None, *(tenure.tenure_id for tenure in tenures), *(claim.tenure_id for claim in claims)}
    turns = {
        tenure.tenure_id: Turn(is_nobodys=True)
        if is_kiosk(recent_users, tenure.first_seen, policy)
        else belongs_below(tenure.first_seen, users, claims, policy)
        for tenure in tenures
        if tenure.above_id in places
    }
    now = {tenure.tenure_id: tenure for tenure in tenures}
    moving = {id_ for id_, turn in turns.items() if not _is_settled(now[id_], turn, policy)}
    while led := {
        id_
        for id_, turn in turns.items()
        if id_ not in moving and turn.only and not moving.isdisjoint({now[id_].above_id, *now[id_].below_ids})
    }:
        moving |= led
    return {id_: turn for id_, turn in turns.items() if id_ in moving}


def _is_settled(tenure: Unclaimed, turn: Turn, policy: Policy) -> bool:
    if turn.only:
        return tenure.user_id == turn.only.user_id
    is_alone = tenure.above_id is None and tenure.user_id is None
    if turn.is_nobodys:
        return is_alone and not tenure.inferred_users
    if not turn.claims:
        return True
    # More users than a tenure has inferences are those of `init`.
    inferred = len(turn.claims) > policy.probable_max or set(tenure.inferred_users) == {
        claim.user_id for claim in turn.claims
    }
    return is_alone and inferred


def ties(moved: Sequence[Unclaimed], turns: Mapping[str, Turn], claims: Sequence[ClaimThere]) -> dict[str, str]:
    """Return what is tied to what from now on: each moved tenure to its one user's claim, and what was tied to it as well.

    What would then lead to itself is left untied.
    """
    above = {claim.tenure_id: claim.above_id for claim in claims}
    above |= {below_id: None for tenure in moved for below_id in tenure.below_ids}
    above |= {
        tenure.tenure_id: turn.only.tenure_id if (turn := turns[tenure.tenure_id]).only else None for tenure in moved
    }
    opened = {id_: above_id for id_ in turns if (above_id := above[id_]) is not None}
    for tenure in moved:
        only = turns[tenure.tenure_id].only
        for below_id in tenure.below_ids:
            if only and below_id not in turns and below_id not in _upwards(only.tenure_id, above):
                above[below_id] = opened[below_id] = only.tenure_id
    return opened


def _upwards(tenure_id: str, above: Mapping[str, str | None]) -> list[str]:
    """Return a tenure and those above it."""
    path: list[str] = []
    at: str | None = tenure_id
    while at is not None and at not in path:
        path.append(at)
        at = above.get(at)
    return path


def _order(claim: ClaimThere) -> tuple[datetime, str]:
    return claim.at, claim.tenure_id
