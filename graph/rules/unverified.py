"""Bound the claims that nobody vouched for, since anybody can post them with a write key, which is public."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from graph.rules import times
from graph.rules.policy import Policy

WINDOW = timedelta(hours=1)


def is_too_many(claims: int, recent: Sequence[int], received_at: datetime, policy: Policy) -> bool:
    """Whether one more unverified claim is more than a user may get.

    `claims` are the unverified claims that the user has, and `recent` are the user's latest ones, as `remember` keeps them.
    """
    return claims >= policy.claims_max or len(_within(recent, received_at)) >= policy.user_claims_per_hour


def remember(recent: Sequence[int], received_at: datetime, policy: Policy) -> tuple[int, ...]:
    """Add an unverified claim to a user's latest ones; each is kept as the milliseconds since 1970 when it arrived."""
    return tuple([*_within(recent, received_at), times.milliseconds(received_at)][-policy.user_claims_per_hour :])


def _within(recent: Sequence[int], received_at: datetime) -> list[int]:
    since = times.milliseconds(received_at - WINDOW)
    return [at for at in recent if at > since]
