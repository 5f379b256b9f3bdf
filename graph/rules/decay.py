"""What age takes from evidence."""

import math
from datetime import datetime

DAY = 86_400.0
LOG_100 = math.log2(100.0)


def halved(age_seconds: float, half_life_days: float) -> float:
    """The share, 0–1, that is left after an age: ½ ^ (age / half-life); 1 for what is still to come."""
    return math.exp2(-max(0.0, age_seconds) / (half_life_days * DAY))


def rank(confidence: float, last_seen: datetime, half_life_days: float) -> float:
    """The place of a relationship among others, which stays right as time passes.

    confidence now = confidence × ½ ^ ((now - last_seen) / half-life), so its logarithm is
    log₂ confidence + last_seen / half-life, less now / half-life, which is the same for all.
    """
    return math.log2(confidence) + last_seen.timestamp() / (half_life_days * DAY)


def confidence_now(rank_: float, now: datetime, half_life_days: float) -> float:
    """The confidence, 1–100, that a rank stands for at a time."""
    # A rank by another half-life, until all are ranked anew, may be out of any range.
    return max(1.0, math.exp2(min(rank_ - now.timestamp() / (half_life_days * DAY), LOG_100)))


def shown(rank_: float, now: datetime, half_life_days: float) -> int:
    """The confidence as it is shown, a whole number, 1–100: halves up, and just as `rank_of_bound` has it.

    The bound decides where floating point falls to either side of a half, as it does for four logins of one moment.
    """
    figure = round(confidence_now(rank_, now, half_life_days))
    if rank_ >= rank_of_bound(figure + 1, now, half_life_days):
        return figure + 1
    return figure if rank_ >= rank_of_bound(figure, now, half_life_days) else figure - 1


def rank_of_bound(confidence: float, now: datetime, half_life_days: float) -> float:
    """The least rank that is shown, rounded, as at least `confidence` now; below all where every one is."""
    if confidence <= 1:
        return -math.inf
    return math.log2(math.ceil(confidence) - 0.5) + now.timestamp() / (half_life_days * DAY)
