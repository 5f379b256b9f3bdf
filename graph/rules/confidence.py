"""The strength of each piece of evidence, and the confidence that several pieces give together; all are 0–1."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from graph.rules.decay import DAY, halved
from graph.rules.policy import Policy


def of_fingerprint(
    *,
    same_address: bool,
    same_browser: bool,
    last_seen: datetime,
    at: datetime,
    policy: Policy,
    is_doubtful: bool = False,
) -> dict[str, float]:
    """Return the terms of the strength of a fingerprint that owns; their sum is 0.8–1.0.

    The base is 0.8. An agreeing address adds 0.1, an agreeing browser and system adds 0.05, and a fingerprint seen just
    now adds 0.05, which halves with age. If it `is_doubtful` that no other machine has the fingerprint, all this counts for
    0.4. These are the defaults; each figure is a field of the policy.
    """
    recency = halved((at - last_seen).total_seconds(), policy.fingerprint_half_life_days)
    counts = policy.fingerprint_young_factor if is_doubtful else 1.0
    return {
        "base": policy.fingerprint_base,
        "address": round(counts * policy.fingerprint_same_address * same_address, 6),
        "browser": round(counts * policy.fingerprint_same_browser * same_browser, 6),
        "recency": round(counts * policy.fingerprint_recency * recency, 6),
    }


def doubted(arithmetic: Mapping[str, float], policy: Policy) -> dict[str, float]:
    """Return the terms of what follows from a fingerprint that owns, where its collector doubts that one machine has it.

    Example: 0.8 + 0.02 + 0.02 = 0.84 has the term `collector` -0.34, and so 0.5 follows.
    """
    return {**arithmetic, "collector": round(min(0.0, policy.fingerprint_collector_min - added(arithmetic)), 6)}


def of_shared_fingerprint(others: int, policy: Policy) -> dict[str, float]:
    """Return the factors of the strength of an exact fingerprint that other visitors have too.

    Their product is below 0.8. The more others have the fingerprint, the weaker it is: 0.75 with one, 0.5972 with two.
    """
    return {
        "base": policy.fingerprint_weak_base,
        "sharing": sharing(others, policy.fingerprint_crowd),
    }


def of_similar_fingerprint(likelihood: float, others: int, policy: Policy) -> dict[str, float]:
    """Return the factors of the strength of a fingerprint that is like a known one, but not enough to be the same browser's.

    `others` are those who share the known one.
    """
    return {
        "base": policy.fuzzy_base,
        "likelihood": likelihood,
        "sharing": sharing(others, policy.fingerprint_crowd),
    }


def of_ip_browser(
    others: int, age_seconds: float, policy: Policy, *, is_other_machine: bool = False
) -> dict[str, float]:
    """Return the factors of the strength of the same browser, system and kind of device at the same address.

    If their fingerprints say that these are two machines, only the person may be the same.
    """
    machine = {"machine": policy.ip_browser_other_machine_factor} if is_other_machine else {}
    return {
        "base": policy.ip_browser_base,
        "sharing": sharing(others, policy.address_crowd),
        "recency": recency(age_seconds, policy.address_half_life_days),
        **machine,
    }


def of_ip(others: int, age_seconds: float, policy: Policy) -> dict[str, float]:
    """Return the factors of the strength of the same address, whatever the browser.

    The strength falls faster with the number of other visitors than that of `of_ip_browser`.
    """
    return {
        "base": policy.ip_base,
        "sharing": round(sharing(others, policy.address_crowd) ** policy.ip_sharing_power, 4),
        "recency": recency(age_seconds, policy.address_half_life_days),
    }


def added(arithmetic: Mapping[str, float]) -> float:
    """Return the sum of the terms, at most 1."""
    return min(1.0, round(sum(arithmetic.values()), 4))


def multiplied(arithmetic: Mapping[str, float]) -> float:
    """Return the product of the factors."""
    return round(math.prod(arithmetic.values()), 4)


def sharing(others: int, crowd: int) -> float:
    """Return the factor, 0–1, that weakens evidence which holds for other visitors too.

    It is 1 - ln others / ln crowd, so each doubling of the others takes off the same amount. One other visitor leaves
    everything; from the crowd on nothing is left.
    """
    if others >= crowd:
        return 0.0
    return round(1.0 - math.log(max(1, others)) / math.log(crowd), 4)


def recency(age_seconds: float, half_life_days: float) -> float:
    """Return the factor, 0–1, for the age of evidence: ½ ^ (whole days / half-life), so a day's visits agree."""
    return round(halved(max(0.0, age_seconds) // DAY * DAY, half_life_days), 4)


def together(strengths: Iterable[float], *, prior: float, cap: float) -> float:
    """Return the confidence, 0–1, that several pieces of evidence for one thing give together, never above `cap`.

    The strongest piece counts in full. Each further piece multiplies the odds by its own odds, divided by the odds of
    the prior. In log-odds each piece adds its weight, as in Fellegi and Sunter's match weights
    (https://doi.org/10.1080/01621459.1969.10501049). A piece at or below the prior adds nothing. So more agreement
    never lowers the confidence, and the order makes no difference.

    Example: with a prior of 0.3, strengths of 0.6 and 0.3951 give 0.6957.
    """
    strongest, *others = sorted(strengths, reverse=True)
    if strongest >= 1.0 or strongest <= 0.0:
        return min(cap, strongest)
    odds = _odds(strongest) * math.prod(max(1.0, _odds(strength) / _odds(prior)) for strength in others)
    return round(min(cap, odds / (1.0 + odds)), 4)


def approaching(first: float, cap: float, count: int, doubling_count: float) -> float:
    """Return a figure that starts at `first` and nears `cap`: each `doubling_count` further counts halve the gap."""
    # Computed from `first` upwards: downwards from `cap`, rounding can give less than `first`.
    return min(cap, first + (cap - first) * (1.0 - math.exp2(-(max(1, count) - 1) / doubling_count)))


def _odds(probability: float) -> float:
    return probability / (1.0 - probability)
