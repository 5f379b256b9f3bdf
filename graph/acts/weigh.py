"""Whose tenures and users are, with their inferences weighed as things are now."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

from graph.model import Evidence, Standing
from graph.rules import weighing
from graph.rules.policy import Policy
from graph.rules.probable import Bound, LeadingLink, Resolved
from graph.store import identities, messages
from graph.transaction import Transaction


class _HasResolved(Protocol):
    """Facts that may have something resolved among them."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def resolved(self) -> Resolved | None: ...


F = TypeVar("F", bound=_HasResolved)


def standings(tx: Transaction, identity_ids: Sequence[str], bound: Bound) -> dict[str, Standing]:
    """Return the standing of each tenure or user, by its identity id; an unknown id is left out."""
    found = identities.resolve(tx, identity_ids)
    weighed = weigh(tx, list(found.values()), bound.policy)
    return {identity_id: resolved.standing(bound) for identity_id, resolved in zip(found, weighed, strict=True)}


def weigh(tx: Transaction, found: Sequence[Resolved], policy: Policy) -> list[Resolved]:
    """Return the same with each inference weighed as things are now; there is nothing to read if there are none."""
    links = {
        (i, n): link
        for i, each in enumerate(found)
        for n, link in enumerate(each.probable)
        if link.rests_on and link.evidence
    }
    if not links:
        return list(found)
    # Events of one session have the same inferences: each is read once.
    asked = {where: _asked(link) for where, link in links.items()}
    different = {asked[where]: link for where, link in links.items()}
    weeks = max(len(link.weeks or ()) for link in links.values())
    rows = [_weigh_row(i, link) for i, link in enumerate(different.values())]
    found_now = {row.i: row for row in _now(tx, rows, policy, weeks=weeks)}
    now = {about: found_now[i] for i, about in enumerate(different)}
    numbers = {where: now[about] for where, about in asked.items()}
    recall = cache(recalled)
    evidence = {where: recall(link.evidence) for where, link in links.items()}
    shared = {i for (i, n) in links if weighing.is_of_shared_browser(evidence[i, n], numbers[i, n])}
    confidences = {
        (i, n): 0.0
        # Who is one of a browser's several users is no neighbour.
        if i in shared and not weighing.is_of_shared_browser(evidence[i, n], numbers[i, n])
        else weighing.weigh(evidence[i, n], numbers[i, n], link.leads_to, policy)
        for (i, n), link in links.items()
    }
    return [
        replace(
            each,
            probable=[
                replace(link, confidence=confidences.get((i, n), link.confidence))
                for n, link in enumerate(each.probable)
            ],
        )
        for i, each in enumerate(found)
    ]


def pieces(tx: Transaction, link: LeadingLink, policy: Policy) -> list[Evidence]:
    """Return the evidence of one inference as it is worth now; as observed, if the inference does not say what it rests on."""
    observed = recalled(link.evidence)
    if not link.rests_on or not observed:
        return list(observed)
    [now] = _now(tx, [_weigh_row(0, link)], policy, weeks=len(link.weeks or ()))
    return weighing.as_now(observed, now, link.leads_to, policy)


def recalled(evidence: str | None) -> tuple[Evidence, ...]:
    """Return the evidence that an edge keeps as text."""
    return messages.recall(evidence, tuple[Evidence, ...]) if evidence else ()


def weigh_each(tx: Transaction, found: Sequence[F], policy: Policy) -> list[F]:
    """Return facts with what is `resolved` in each, if anything, weighed as things are now."""
    resolved = {i: facts.resolved for i, facts in enumerate(found) if facts.resolved is not None}
    weighed = dict(zip(resolved, weigh(tx, list(resolved.values()), policy), strict=True))
    return [replace(facts, resolved=weighed.get(i)) for i, facts in enumerate(found)]


def _now(tx: Transaction, rows: Sequence[dict[str, object]], policy: Policy, *, weeks: int) -> Sequence[weighing.Now]:
    return identities.weigh(
        tx,
        rows=rows,
        address_crowd=policy.address_crowd,
        fingerprint_crowd=policy.fingerprint_crowd,
        places_max=policy.address_crowd * weeks,
        users_days=policy.browser_users_days,
    )


def _asked(link: LeadingLink) -> tuple[Hashable, ...]:
    """Return what `_now` is asked about a link: all that its row has, but the number."""
    return link.last_seen, tuple(link.weeks or ()), tuple(link.rests_on or ()), tuple(link.claims or [link.identity_id])


def _weigh_row(i: int, link: LeadingLink) -> dict[str, object]:
    return {
        "i": i,
        "at": link.last_seen,
        "weeks": link.weeks or [],
        "places": [weighing.place(text) for text in link.rests_on or ()],
        "sources": link.claims or [link.identity_id],
    }
