"""How evidence fades with age."""

import math
from datetime import datetime

DAY = 86_400.0
LOG_100 = math.log2(100.0)


def halved(age_seconds: float, half_life_days: float) -> float:
    """Return the share, 0–1, that is left at an age: ½ ^ (age / half-life); it is 1 for a time in the future."""
    return math.exp2(-max(0.0, age_seconds) / (half_life_days * DAY))


def rank(confidence: float, last_seen: datetime, half_life_days: float) -> float:
    """Return the rank of a relationship: a number to order relationships by, which stays right as time passes.

    The confidence now is confidence × ½ ^ ((now - last_seen) / half-life). Its logarithm is
    log₂ confidence + last_seen / half-life - now / half-life. The last term is the same for all relationships, so the
    rank leaves it out.
    """
    return math.log2(confidence) + last_seen.timestamp() / (half_life_days * DAY)


def confidence_now(rank_: float, now: datetime, half_life_days: float) -> float:
    """Return the confidence, 1–100, that a rank stands for at the time `now`."""
    # After a change of the half-life, ranks that are not yet computed anew may stand for any figure.
    return max(1.0, math.exp2(min(rank_ - now.timestamp() / (half_life_days * DAY), LOG_100)))


def shown(rank_: float, now: datetime, half_life_days: float) -> int:
    """Return the confidence as it is shown: a whole number, 1–100, with halves rounded up.

    It agrees with `rank_of_bound`: a rank is at or above the bound of the figure that is shown. Floating point can put
    a half on either side: four unsigned logins at one moment are 96.5. There the bound decides.
    """
    figure = round(confidence_now(rank_, now, half_life_days))
    if rank_ >= rank_of_bound(figure + 1, now, half_life_days):
        return figure + 1
    return figure if rank_ >= rank_of_bound(figure, now, half_life_days) else figure - 1


def rank_of_bound(confidence: float, now: datetime, half_life_days: float) -> float:
    """Return the least rank whose shown confidence is at least `confidence` now; -∞ for 1, which every rank reaches."""
    if confidence <= 1:
        return -math.inf
    return math.log2(math.ceil(confidence) - 0.5) + now.timestamp() / (half_life_days * DAY)
