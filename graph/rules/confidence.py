"""How sure: strengths of single pieces of evidence, 0–1, and what they come to."""

import math
from datetime import datetime

from graph.rules.decay import halved
from graph.rules.policy import Policy


def of_fingerprint(
    *, same_address: bool, same_browser: bool, last_seen: datetime, at: datetime, policy: Policy
) -> float:
    """An exact fingerprint that owns, 0.8–1.0: a base, and more for each thing that agrees and for being recent."""
    recency = halved((at - last_seen).total_seconds(), policy.fingerprint_half_life_days)
    strength = (
        policy.fingerprint_base
        + policy.fingerprint_same_address * same_address
        + policy.fingerprint_same_browser * same_browser
        + policy.fingerprint_recency * recency
    )
    return min(1.0, round(strength, 4))


def shared(base: float, others: int, crowd: int) -> float:
    """What a piece of evidence is worth that other visitors share: all of it with one, nothing from the crowd on.

    base × (1 - ln others / ln crowd): each doubling of the sharers takes the same.
    """
    if others >= crowd:
        return 0.0
    return round(base * (1.0 - math.log(max(1, others)) / math.log(crowd)), 4)


def approaching(first: float, cap: float, count: int, doubling_count: float) -> float:
    """A figure that starts at `first` and nears `cap`: each `doubling_count` further counts close half of the rest."""
    return cap - (cap - first) * math.exp2(-(max(1, count) - 1) / doubling_count)
