"""Weigh inferences (`PROBABLY` edges) when they are read: who does a tenure probably belong to?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from graph.model import Standing
from graph.rules import confidence
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Bound:
    """How sure, 0–1, an answer must be, at which time, and the policy that weighs inferences."""

    confidence_min: float
    at: datetime
    policy: Policy

    @classmethod
    def of(cls, policy: Policy, at: datetime, asked: float | None = None) -> "Bound":
        """Return the bound that a caller asked for, or else the policy's `confidence_min`."""
        return cls(policy.confidence_min if asked is None else asked, at, policy)


@dataclass(frozen=True)
class Link:
    """A `PROBABLY` edge to an identity.

    `confidence`, 0–1, is as it was when the edge was observed (`since`). `last_seen` is when its evidence was last seen.
    """

    identity_id: str
    confidence: float
    since: datetime
    last_seen: datetime


L = TypeVar("L", bound=Link)


@dataclass(frozen=True)
class LeadingLink(Link):
    """A `PROBABLY` edge with the identity that it leads to by facts alone, and how sure, 0–1, these are.

    `evidence` is kept text; `rests_on` says for each piece what it rests on (`graph/rules/weighing.py`), and `weeks` when
    others count who share that. An edge of an older release has neither. `claims` are the logins that were carried on.
    `public_id` and `linked_id` are those of a `Standing`; there is no `public_id` if the edge leads to a user.
    """

    leads_to: str
    leads_confidence: float
    public_id: str | None
    linked_id: str | None = None
    evidence: str | None = None
    rests_on: list[str] | None = None
    weeks: list[str] | None = None
    claims: list[str] | None = None


@dataclass(frozen=True)
class Resolved:
    """Whose a tenure or user is by facts alone, and the inferences that may be read; there are none if it has a user.

    `method` and the other fields are those of a `Standing`.
    """

    identity_id: str
    user_id: str | None
    method: str
    confidence: float
    public_id: str
    linked_id: str | None
    probable: list[LeadingLink]

    def certainly(self) -> Standing:
        """Return the standing by facts alone, so that no inference leads on to another one."""
        return Standing(self.identity_id, self.user_id, self.method, self.confidence, self.public_id, self.linked_id)

    def standing(self, bound: Bound) -> Standing:
        """Return the standing.

        The first of these that exists decides:

        1. The user's identity.
        2. The identity that the strongest inference within the bound leads to.
        3. The tenure's own identity, at the top of its ties.
        """
        link = strongest(self.probable, bound)
        if link is None:
            return self.certainly()
        least = min(self.confidence, now_worth(link, bound), link.leads_confidence)
        return Standing(link.leads_to, None, "probable", least, link.public_id or self.public_id, link.linked_id)

    def shown(self, identity_id: str, bound: Bound, hidden_ids: Collection[str]) -> Standing | None:
        """Return the standing of `identity_id` as a reader may see it: nothing in it leads to the `hidden_ids`.

        - A tenure that belongs to a hidden user has the method `hidden`.
        - A tenure with an inference that leads to a hidden user has its standing by facts alone.
        - A hidden user itself has none: the result is None.

        Acts use the standing itself, since what is hidden still owns and still protects.
        """
        standing = self.standing(bound)
        leads_to_a_user = standing.user_id is not None or standing.method == "probable"
        if not leads_to_a_user or standing.identity_id not in hidden_ids:
            return standing
        if identity_id == standing.identity_id:
            return None
        if standing.method == "probable":
            return self.certainly()
        return Standing(identity_id, None, "hidden", 1.0, self.public_id)


def now_worth(link: Link, bound: Bound) -> float:
    """Return the confidence, 0–1, of a `PROBABLY` edge at the time of the read; the edge itself is not rewritten."""
    age = (bound.at - link.since).total_seconds()
    return round(link.confidence * confidence.recency(age, bound.policy.probable_half_life_days), 4)


def strongest(links: Sequence[L], bound: Bound) -> L | None:
    """Return the edge that a read uses: the surest now, if it is sure enough. Among equals the latest seen wins.

    What is worth nothing now, such as an address that is a crowd's by now, is never used.
    """
    found = min(
        links,
        key=lambda link: (-now_worth(link, bound), -link.last_seen.timestamp(), link.identity_id),
        default=None,
    )
    if found is None or not 0 < now_worth(found, bound) >= bound.confidence_min:
        return None
    return found
