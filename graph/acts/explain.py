"""Explain whether two subjects are one, how sure that is and why; or what stands against it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from graph.acts import weigh
from graph.acts.standing_then import Then, as_of, standing_then
from graph.errors import NotFound
from graph.model import Standing
from graph.rules import explaining, linking, probable, similarity
from graph.rules.explaining import Obstacle, Step
from graph.rules.identifiers import in_case, kept_id
from graph.rules.policy import Policy
from graph.rules.probable import Bound, LeadingLink
from graph.rules.similarity import BrowserLook, KnownBrowser
from graph.store import explain as store
from graph.store.explain import Between, Inferred, LatestFingerprint, Path, Said, Standpoint
from graph.store.link import LinksThen
from graph.transaction import Transaction

#: How many fingerprints, and places, of each subject are compared: the latest.
PARTS_MAX = 100
#: How many visitors of a user are compared with the other subject.
VISITORS_MAX = 10


@dataclass(frozen=True)
class Subject:
    """What is asked about, such as the visitor with an id."""

    kind: Literal["visitor", "user", "session", "identity"]
    id: str


@dataclass(frozen=True)
class Explained:
    """The answer for two subjects, as of a time.

    `confidence` is 0–1 if they are one, else None. `steps` are the way from the first to the second, and `said` has who made
    each change on it. `obstacles` are there only if they are not one.
    """

    identity_id: str
    other_identity_id: str
    confidence: float | None
    bound: float
    at: datetime
    steps: tuple[Step, ...]
    said: Mapping[str, Said]
    obstacles: tuple[Obstacle, ...]
    text: tuple[str, ...]


@dataclass(frozen=True)
class _Side:
    """A subject with its standing, the way to its identity, and all inferences about it as they are worth now."""

    subject: Subject
    place: Standpoint
    path: Path
    standing: Standing
    steps: tuple[Step, ...]
    inferences: Sequence[LeadingLink]


def act(tx: Transaction, one: Subject, other: Subject, bound: Bound, *, at: datetime | None = None) -> Explained:
    """Explain whether two subjects are one at a time, by default now (the time of the bound).

    Evidence is weighed by today's policy and today's sharing.

    Raises:
        NotFound: There is no such subject, or reads leave it out as hidden.
    """
    bound, is_now = as_of(bound, at)
    subjects = [_kept(one, bound.policy), _kept(other, bound.policy)]
    found = store.find(tx, [(each.kind, each.id) for each in subjects], at=bound.at, is_now=is_now)
    for i, subject in enumerate(subjects):
        if i not in found:
            raise _missing(subject.kind)
    then, paths, links = standing_then(tx, [found[0].identity_id, found[1].identity_id], bound, is_now=is_now)
    first, second = (
        _side(tx, subject, found[i], then[found[i].identity_id], paths, links, bound)
        for i, subject in enumerate(subjects)
    )
    return _explained(tx, first, second, bound)


def _missing(kind: str) -> NotFound:
    if kind == "visitor":
        return NotFound("there is no such visitor", code="visitor_not_found")
    if kind == "user":
        return NotFound("there is no such user", code="user_not_found")
    if kind == "session":
        return NotFound("there is no such session", code="session_not_found")
    return NotFound("there is no such identity", code="identity_not_found")


def _kept(subject: Subject, policy: Policy) -> Subject:
    if subject.kind != "user":
        return subject
    return replace(subject, id=in_case(kept_id(subject.id), policy.user_id_case))


def _side(  # noqa: PLR0917 - a subject with all that was read of it
    tx: Transaction,
    subject: Subject,
    place: Standpoint,
    then: Then,
    paths: Mapping[str, Path],
    links: LinksThen,
    bound: Bound,
) -> _Side:
    standing, path = then.standing(bound), then.path
    if standing is None or standing.method == "hidden":
        raise _missing(subject.kind)
    steps = [*_used(subject, place), *_upwards(path), *_linked(path, links)]
    link = then.link(bound)
    if link is not None:
        chosen = next(each for each in path.inferred if _link_key(each) == _link_key(link))
        # The inference is of the tenure itself, or of the top of its ties.
        steps = steps if chosen.holder_id == path.tenure_ids[-1] else [*_used(subject, place)]
        steps.append(
            Step(
                "probably",
                _node(chosen.holder_id, None),
                _target(paths[link.identity_id]),
                probable.now_worth(link, bound),
                tuple(weigh.pieces(tx, link, bound.policy)),
                since=link.since,
                change_id=chosen.change_id,
                method="propagated" if chosen.claims else chosen.method,
            )
        )
        steps += [*_upwards(paths[link.identity_id]), *_linked(paths[link.identity_id], links)]
    return _Side(subject, place, path, standing, tuple(steps), then.inferences)


def _used(subject: Subject, place: Standpoint) -> list[Step]:
    if subject.kind != "visitor":
        return []
    return [Step("uses", f"visitor:{subject.id}", _node(place.identity_id, None), 1.0)]


def _upwards(path: Path) -> list[Step]:
    """Return the steps of a way: along the ties, and then to the user."""
    steps = [
        Step(
            "tied",
            _node(lower, None),
            _node(upper, None),
            tie.confidence,
            tuple(weigh.recalled(tie.evidence)),
            since=tie.since,
            change_id=tie.change_id,
            method=tie.method,
        )
        for tie, lower, upper in zip(path.ties, path.tenure_ids, path.tenure_ids[1:], strict=False)
    ]
    if path.held is not None and path.user_id is not None:
        held = path.held
        steps.append(
            Step(
                "claim" if held.method == "claim" else "adopted",
                _node(path.tenure_ids[-1], None),
                f"user:{path.user_id}",
                1.0 if held.method == "claim" else held.confidence,
                since=held.at,
                change_id=held.change_id,
                session_id=held.session_id,
                verified=held.verified,
            )
        )
    return steps


def _linked(path: Path, links: LinksThen) -> list[Step]:
    """Return the steps from a way's user, over links, to the user whose identity all of them have.

    A hidden user on the way is left out: one step leads past it, without who made it.
    """
    if path.user_id is None or path.user_id not in links.users:
        return []
    identity_id = links.linked_ids()[path.user_id]
    ends = [user.user_id for user in links.users.values() if user.identity_id == identity_id]
    steps: list[Step] = []
    way = linking.way(links.pairs, path.user_id, ends[0]) if ends else []
    shown = [path.user_id, *(other for _, other in way if not links.users[other].is_hidden)]
    for one, other in itertools.pairwise(shown):
        made = links.link(one, other) if (one, other) in way else None
        steps.append(
            Step(
                "linked",
                _node("", one),
                _node("", other),
                1.0,
                since=made.since if made else None,
                change_id=made.change_id if made else None,
                method="link",
            )
        )
    return steps


def _target(path: Path) -> str:
    """Return the node at which a way begins."""
    is_user = path.user_id is not None and path.held is None and not path.ties
    return _node(path.tenure_ids[0], path.user_id if is_user else None)


def _node(identity_id: str, user_id: str | None) -> str:
    return f"user:{user_id}" if user_id is not None else f"tenure:{identity_id}"


def _explained(tx: Transaction, one: _Side, other: _Side, bound: Bound) -> Explained:
    is_one = one.standing.person_id == other.standing.person_id
    steps, is_whole = _joined(one, other) if is_one else ((), False)
    confidence = min((step.confidence for step in steps), default=1.0) if is_one else None
    if is_whole:
        # As reads say: an inference of a tenure counts no more than the ties above it.
        confidence = min(one.standing.confidence, other.standing.confidence)
    obstacles = () if is_one else tuple(_obstacles(tx, one, other, bound))
    changes = sorted({step.change_id for step in steps if step.change_id is not None})
    return Explained(
        identity_id=one.standing.person_id,
        other_identity_id=other.standing.person_id,
        confidence=confidence,
        bound=bound.confidence_min,
        at=bound.at,
        steps=steps,
        said=store.said(tx, changes),
        obstacles=obstacles,
        text=tuple(explaining.text(steps, obstacles, confidence=confidence)),
    )


def _link_key(link: LeadingLink | Inferred) -> tuple[str, datetime, datetime]:
    return link.identity_id, link.since, link.last_seen


def _joined(one: _Side, other: _Side) -> tuple[tuple[Step, ...], bool]:
    """Return the way from one side to the other, and whether that goes by the identity itself.

    The part that both walk upwards is left out.
    """
    ahead, others = _nodes(one), _nodes(other)
    for i, node in enumerate(others):
        if node in ahead:
            place = ahead.index(node)
            steps = (*one.steps[:place], *(step.turned for step in reversed(other.steps[:i])))
            return steps, place == len(one.steps) and i == len(other.steps)
    return (*one.steps, *(step.turned for step in reversed(other.steps))), True


def _nodes(side: _Side) -> list[str]:
    if not side.steps:
        return [_target(side.path)]
    return [side.steps[0].source, *(step.target for step in side.steps)]


def _obstacles(tx: Transaction, one: _Side, other: _Side, bound: Bound) -> list[Obstacle]:
    """Return what stands against that two are one, the strongest first."""
    between = store.between(tx, *(_compared(tx, side) for side in (one, other)), parts_max=PARTS_MAX, at=bound.at)
    found = [
        *_users(one, other),
        *_cannot_links(between),
        *_weak(one, other, bound),
        *_weak(other, one, bound),
        *_stated(one, other, between),
        *_crowds(between, bound.policy),
        *_unlike(between, bound.policy),
        *_nothing(between),
    ]
    return found or [
        Obstacle("not_enough", "What they have in common was no reason to take them for one.", "a login on both")
    ]


def _compared(tx: Transaction, side: _Side) -> store.Compared:
    """Return what of a side is compared with the other: a user is compared by the surest visitors."""
    place, user_id = side.place, side.standing.user_id
    visitor_ids = [place.visitor_id] if place.visitor_id else []
    if side.path.user_id == user_id and place.user_id is not None:
        visitor_ids = store.surest_visitors(tx, place.user_id, limit=VISITORS_MAX)
    return store.Compared(visitor_ids, user_id, place.identity_id, place.user_id)


def _users(one: _Side, other: _Side) -> list[Obstacle]:
    users = one.standing.user_id, other.standing.user_id
    if None in users or users[0] == users[1]:
        return []
    return [
        Obstacle(
            "different_users",
            f"One is user {users[0]}'s, and the other is user {users[1]}'s. Evidence never joins two users.",
            "a link of these two users, or a login of one on the other's browser",
        )
    ]


def _cannot_links(between: Between) -> list[Obstacle]:
    return [
        Obstacle(
            "cannot_link",
            f"On {apart.since:%Y-%m-%d} {apart.actor or 'somebody'} said that they are not the same person"
            + (f": {apart.reason}." if apart.reason else "."),
            "a login, a statement or a merge that says otherwise",
        )
        for apart in between.cannot_links
    ]


def _weak(one: _Side, other: _Side, bound: Bound) -> list[Obstacle]:
    """Return the inferences from one side to the other that a read does not use."""
    found: list[Obstacle] = []
    for link in one.inferences:
        if (link.linked_id or link.leads_to) != other.standing.person_id:
            continue
        worth = min(probable.now_worth(link, bound), link.leads_confidence)
        if worth <= 0:
            detail = "What speaks for it is worth nothing by now: too many share it, or use the browser."
            found.append(Obstacle("worth_nothing", detail, "a login on both"))
        elif worth < bound.confidence_min:
            detail = f"One is probably the other, but at {worth:g} only. This answer demands {bound.confidence_min:g}."
            found.append(Obstacle("below_bound", detail, f"a minConfidence of {worth:g} or less"))
        elif one.standing.method == "probable":
            detail = f"One is probably the other at {worth:g}, and more probably somebody else."
            found.append(Obstacle("another_is_likelier", detail, "a login on both"))
    return found


def _stated(one: _Side, other: _Side, between: Between) -> list[Obstacle]:
    """Return the statements that one used the other, if neither is known to be somebody else's."""
    if _users(one, other):
        return []
    return [
        Obstacle(
            "only_stated",
            f"On {stated.at:%Y-%m-%d} it was stated at {stated.figure:g} that user {stated.user_id} used visitor "
            f"{stated.visitor_id}. That alone does not say whose the visits are.",
            f'a login of user {stated.user_id} there, or a statement with "claim": true',
        )
        for stated in between.stated
    ]


def _crowds(between: Between, policy: Policy) -> list[Obstacle]:
    crowded = [
        *(("fingerprint", part, policy.fingerprint_crowd) for part in between.fingerprints),
        *(("address", part, policy.address_crowd) for part in between.addresses),
    ]
    return [
        Obstacle(
            "crowd",
            f"Both have the {what} {part.id}, and so have {part.visitors - 2} others. From {crowd} on it proves nothing.",
            "a login on both",
        )
        for what, part, crowd in crowded
        if part.visitors > crowd
    ]


def _unlike(between: Between, policy: Policy) -> list[Obstacle]:
    """Compare the latest fingerprints by their components, if both have any and they are not the same."""
    if len(between.latest) != 2 or between.fingerprints:
        return []
    later, earlier = sorted(between.latest, key=lambda each: each.last_seen, reverse=True)
    shown = _look(later)
    known = KnownBrowser(earlier.fingerprint, _look(earlier), str(earlier.side), keeps_tokens=False)
    agreement, change = similarity.compare(shown, None, known, policy)
    total = agreement + change + policy.fuzzy_prior_log_odds
    detail = (
        f"Their fingerprints differ: log-odds {agreement:.1f} for what agrees, {change:.1f} for what does not, "
        f"{policy.fuzzy_prior_log_odds:g} before that, in all {total:.1f}."
    )
    return [Obstacle("components", detail, "a login on both")]


def _look(latest: LatestFingerprint) -> BrowserLook:
    return BrowserLook(
        similarity.recalled(latest.features),
        latest.browser,
        similarity.version(latest.browser_version),
        latest.os,
        latest.last_seen,
    )


def _nothing(between: Between) -> list[Obstacle]:
    if between.fingerprints or between.addresses or not between.is_comparable:
        return []
    return [
        Obstacle(
            "nothing_in_common",
            "They have no fingerprint and no address in common.",
            "a login of one user on both, or a merge of their visitors",
        )
    ]
