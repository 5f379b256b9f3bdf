"""How sure: strengths of single pieces of evidence, 0–1, and what they come to."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from graph.rules.decay import DAY, halved
from graph.rules.policy import Policy


def of_fingerprint(
    *, same_address: bool, same_browser: bool, last_seen: datetime, at: datetime, policy: Policy
) -> dict[str, float]:
    """An exact fingerprint that owns, 0.8–1.0: a base, and more for each thing that agrees and for being recent."""
    recency = halved((at - last_seen).total_seconds(), policy.fingerprint_half_life_days)
    return {
        "base": policy.fingerprint_base,
        "address": policy.fingerprint_same_address * same_address,
        "browser": policy.fingerprint_same_browser * same_browser,
        "recency": round(policy.fingerprint_recency * recency, 6),
    }


def of_shared_fingerprint(others: int, policy: Policy) -> dict[str, float]:
    """An exact fingerprint that other visitors have as well, below 0.8: the more, the less."""
    return {
        "base": policy.fingerprint_weak_base,
        "sharing": sharing(others, policy.fingerprint_crowd),
    }


def of_ip_browser(others: int, age_seconds: float, policy: Policy) -> dict[str, float]:
    """The same browser, operating system and kind of device at the same address."""
    return {
        "base": policy.ip_browser_base,
        "sharing": sharing(others, policy.address_crowd),
        "recency": recency(age_seconds, policy.address_half_life_days),
    }


def of_ip(others: int, age_seconds: float, policy: Policy) -> dict[str, float]:
    """The same address, whatever the browser: it falls faster with the number of other visitors."""
    return {
        "base": policy.ip_base,
        "sharing": round(sharing(others, policy.address_crowd) ** policy.ip_sharing_power, 4),
        "recency": recency(age_seconds, policy.address_half_life_days),
    }


def added(arithmetic: Mapping[str, float]) -> float:
    """What terms come to, at most 1."""
    return min(1.0, round(sum(arithmetic.values()), 4))


def multiplied(arithmetic: Mapping[str, float]) -> float:
    """What factors come to."""
    return round(math.prod(arithmetic.values()), 4)


def sharing(others: int, crowd: int) -> float:
    """What is left of evidence that holds for other visitors as well: all with one, nothing from the crowd on.

    1 - ln others / ln crowd: each doubling of the sharers takes the same.
    """
    if others >= crowd:
        return 0.0
    return round(1.0 - math.log(max(1, others)) / math.log(crowd), 4)


def recency(age_seconds: float, half_life_days: float) -> float:
    """What is left of evidence of an age: ½ ^ (whole days / half-life), so that a day's visits agree."""
    return round(halved(max(0.0, age_seconds) // DAY * DAY, half_life_days), 4)


def together(strengths: Iterable[float], *, prior: float, cap: float) -> float:
    """What several pieces of evidence for one thing are worth together, 0–1, never past `cap`.

    The strongest counts in full; each further one multiplies the odds by its own over those of the prior (in
    log-odds: adds its weight, as Fellegi and Sunter's match weights do, https://doi.org/10.1080/01621459.1969.10501049).
    One at or below the prior adds nothing, so more agreement never lowers; the order makes no difference.
    """
    strongest, *others = sorted(strengths, reverse=True)
    if strongest >= 1.0 or strongest <= 0.0:
        return min(cap, strongest)
    odds = _odds(strongest) * math.prod(max(1.0, _odds(one) / _odds(prior)) for one in others)
    return round(min(cap, odds / (1.0 + odds)), 4)


def approaching(first: float, cap: float, count: int, doubling_count: float) -> float:
    """A figure that starts at `first` and nears `cap`: each `doubling_count` further counts close half of the rest."""
    # From `first` up and not from `cap` down, which rounds to less than `first`.
    return min(cap, first + (cap - first) * (1.0 - math.exp2(-(max(1, count) - 1) / doubling_count)))


def _odds(probability: float) -> float:
    return probability / (1.0 - probability)
