"""Weigh inferences (`PROBABLY` edges) when they are read: who does a tenure probably belong to?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Standing
from graph.rules import confidence
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Bound:
    """How sure, 0–1, an answer must be, at which time, and the days in which an inference halves."""

    confidence_min: float
    at: datetime
    half_life_days: float

    @classmethod
    def of(cls, policy: Policy, at: datetime, asked: float | None = None) -> "Bound":
        """Return the bound that a caller asked for, or else the policy's `confidence_min`."""
        return cls(policy.confidence_min if asked is None else asked, at, policy.probable_half_life_days)


@dataclass(frozen=True)
class Link:
    """A `PROBABLY` edge to an identity.

    `confidence`, 0–1, is as it was when the edge was observed (`since`). `last_seen` is when its evidence was last seen.
    """

    identity_id: str
    confidence: float
    since: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Resolved:
    """What a tenure or user resolves to by facts, and the inferences that may be read (`cypher/parts/resolved`)."""

    identity_id: str
    user_id: str | None
    method: str
    confidence: float
    probable: list[Link]

    def standing(self) -> Standing:
        """Return the standing by facts alone."""
        return Standing(self.identity_id, self.user_id, self.method, self.confidence)


def now_worth(link: Link, bound: Bound) -> float:
    """Return the confidence, 0–1, of a `PROBABLY` edge at the time of the read; the edge itself is not rewritten."""
    age = (bound.at - link.since).total_seconds()
    return round(link.confidence * confidence.recency(age, bound.half_life_days), 4)


def strongest(links: Sequence[Link], bound: Bound) -> Link | None:
    """Return the edge that a read uses: the surest now, if it is sure enough. Among equals the latest seen wins."""
    found = min(
        links,
        key=lambda link: (-now_worth(link, bound), -link.last_seen.timestamp(), link.identity_id),
        default=None,
    )
    return found if found is not None and now_worth(found, bound) >= bound.confidence_min else None
