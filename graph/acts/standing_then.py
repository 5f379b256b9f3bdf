"""Whose tenures and users were at a time, by the facts and inferences that were open then, weighed as things are now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from graph.acts import weigh
from graph.model import Standing
from graph.rules import times
from graph.rules.probable import Bound, LeadingLink, Resolved, strongest
from graph.store import explain as store
from graph.store import link as linked
from graph.store.explain import Inferred, Path
from graph.store.link import LinksThen
from graph.transaction import Transaction


@dataclass(frozen=True)
class Then:
    """A tenure or user at a time: the way up to its identity, and all that was inferred about it.

    `hidden_ids` are identities of which reads must not say that it is theirs. A tenure `is_hidden` if it, or the top tenure
    of its path, is a hidden user's now.
    """

    identity_id: str
    path: Path
    weighed: Resolved
    hidden_ids: Collection[str]
    is_hidden: bool

    def standing(self, bound: Bound) -> Standing | None:
        """Return whose it was; None for a hidden user. It has the method `hidden` if it was a hidden user's, or is now."""
        if self.is_hidden:
            return Standing(self.identity_id, None, "hidden", 1.0, self.weighed.public_id)
        return self.weighed.shown(self.identity_id, bound, self.hidden_ids)

    def link(self, bound: Bound) -> LeadingLink | None:
        """Return the inference by which its standing is `probable`; None if it is not."""
        standing = self.standing(bound)
        if standing is None or standing.method != "probable":
            return None
        return strongest(self.weighed.probable, bound)

    @property
    def inferences(self) -> list[LeadingLink]:
        """All inferences that may be told."""
        return [link for link in self.weighed.probable if link.leads_to not in self.hidden_ids]


def standing_then(
    tx: Transaction, identity_ids: Sequence[str], bound: Bound, *, is_now: bool
) -> tuple[dict[str, Then], dict[str, Path], LinksThen]:
    """Return what each tenure or user was at the time of the bound; an unknown id is left out.

    The second result has the ways of all these, and of those that inferences led to. The third has the links of the users
    that they led to.
    """
    paths = store.paths(tx, identity_ids, at=bound.at)
    asked = dict(paths)
    leads = sorted({link.identity_id for path in paths.values() for link in path.inferred})
    paths |= store.paths(tx, [lead for lead in leads if lead not in paths], at=bound.at)
    hidden = _hidden(tx, asked, paths, bound)
    links = linked.at(tx, {path.user_id for path in paths.values() if path.is_linked and path.user_id}, at=bound.at)
    linked_ids = links.linked_ids()
    resolved = [
        Resolved(
            **{
                **vars(certainly(path, linked_ids)),
                "probable": [
                    _link(link, paths[link.identity_id], linked_ids)
                    for link in path.inferred
                    # What a cannot-link forbids now was not forbidden before it was said.
                    if link.identity_id in paths and (not is_now or link.identity_id in path.readable)
                ],
            }
        )
        for path in asked.values()
    ]
    weighed = weigh.weigh(tx, resolved, bound.policy)
    found = {
        identity_id: Then(identity_id, path, each, *hidden[identity_id])
        for (identity_id, path), each in zip(asked.items(), weighed, strict=True)
    }
    return found, paths, links


def certainly(path: Path, linked_ids: Mapping[str, str | None] = MappingProxyType({})) -> Standing:
    """Return whose a tenure or user is by facts alone, as the part `certainly` of the queries does."""
    least = min(
        [path.held.confidence if path.held and path.held.method == "adopted" else 1.0]
        + [tie.confidence for tie in path.ties]
    )
    method = "own" if path.held is None else "tied" if path.ties else path.held.method
    return Standing(
        path.user_identity_id or path.tenure_ids[-1],
        path.user_id,
        method,
        least,
        path.tenure_ids[-1],
        linked_ids.get(path.user_id or ""),
    )


def as_of(bound: Bound, at: datetime | None) -> tuple[Bound, bool]:
    """Return the bound at a time, and whether that is now; what has not come yet is now, too."""
    if at is None or at >= bound.at:
        return bound, True
    return replace(bound, at=max(at, times.BEGINNING)), False


def _hidden(
    tx: Transaction, asked: Mapping[str, Path], paths: Mapping[str, Path], bound: Bound
) -> dict[str, tuple[set[str], bool]]:
    """Return the hidden identities of each tenure or user, on its own way and where its inferences lead, and whether it is hidden.

    No way is told on which a tenure is of a visitor whose relationship with the way's owner is hidden, or is a hidden user's now.
    """
    owners: dict[str, set[str]] = {identity_id: _owners(path, paths) for identity_id, path in asked.items()}
    for path in paths.values():
        for step_id in path.tenure_ids:
            owners.setdefault(step_id, set()).add(certainly(path).identity_id)
    found = store.hidden(tx, owners, at=bound.at) if owners else {}
    hidden = {identity_id: row.hidden_ids for identity_id, row in found.items()}
    gone = {identity_id for identity_id, row in found.items() if row.is_hidden}

    def on(path: Path) -> set[str]:
        owner_id = certainly(path).identity_id
        is_told = all(owner_id not in hidden.get(step_id, ()) and step_id not in gone for step_id in path.tenure_ids)
        return set() if is_told else {owner_id}

    return {
        identity_id: (
            {*hidden.get(identity_id, ()), *on(path)}.union(
                *(on(paths[link.identity_id]) for link in path.inferred if link.identity_id in paths)
            ),
            not gone.isdisjoint((identity_id, certainly(path).identity_id)),
        )
        for identity_id, path in asked.items()
    }


def _owners(path: Path, paths: Mapping[str, Path]) -> set[str]:
    """Return the identities that a tenure or user could belong to: by facts, and by what was inferred about it."""
    leads = [paths[link.identity_id] for link in path.inferred if link.identity_id in paths]
    return {certainly(each).identity_id for each in (path, *leads)}


def _link(link: Inferred, leads: Path, linked_ids: Mapping[str, str | None]) -> LeadingLink:
    certain = certainly(leads, linked_ids)
    is_user = leads.user_id is not None and leads.held is None
    return LeadingLink(
        link.identity_id,
        link.confidence,
        link.since,
        link.last_seen,
        certain.identity_id,
        certain.confidence,
        None if is_user else certain.public_id,
        certain.linked_id,
        link.evidence,
        link.rests_on,
        link.weeks,
        link.claims,
    )
