"""Whom a tenure is probably: inferences, weighed when they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules import confidence
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Bound:
    """How sure an answer has to be, 0–1, when it is asked, and in how many days what was probable is worth half."""

    confidence_min: float
    at: datetime
    half_life_days: float

    @classmethod
    def of(cls, policy: Policy, at: datetime, asked: float | None = None) -> "Bound":
        """What a caller asked for, else what the policy says."""
        return cls(policy.confidence_min if asked is None else asked, at, policy.probable_half_life_days)


@dataclass(frozen=True)
class Link:
    """A `PROBABLY` edge: whom it points to, what it was worth when observed, and when its evidence was last seen."""

    identity_id: str
    confidence: float
    since: datetime
    last_seen: datetime


def now_worth(link: Link, bound: Bound) -> float:
    """The confidence of a link, 0–1, when it is asked: it halves with age, whoever reads it."""
    age = (bound.at - link.since).total_seconds()
    return round(link.confidence * confidence.recency(age, bound.half_life_days), 4)


def strongest(links: Sequence[Link], bound: Bound) -> Link | None:
    """The link that is read: the surest now, of equal ones the latest seen, if it is sure enough; else None."""
    found = min(
        links,
        key=lambda link: (-now_worth(link, bound), -link.last_seen.timestamp(), link.identity_id),
        default=None,
    )
    return found if found is not None and now_worth(found, bound) >= bound.confidence_min else None
