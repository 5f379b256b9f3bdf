"""Whom a visit belongs to: the visitor its jar is in, the tenure its session is in, and what ties that to others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Evidence, Match, Method, Standing
from graph.rules import confidence
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Visit:
    """What one `init` brings, as far as matching asks.

    `jar_method` says how the jar was named: by our token, by the caller's own id, or not at all (`new`).
    """

    at: datetime
    jar_method: Method
    reset: bool
    consent: bool
    browser: str | None
    os: str | None
    new_visitor_id: str
    new_tenure_id: str


@dataclass(frozen=True)
class Owner:
    """The only visitor with the visit's fingerprint; `anchor` is where a new jar's first tenure would be tied."""

    visitor_id: str
    known_jars: int
    recent_users: Sequence[str]
    last_seen: datetime
    browser: str | None
    os: str | None
    same_address: bool
    anchor_id: str | None
    anchor_depth: int
    anchor: Standing | None


@dataclass(frozen=True)
class Candidate:
    """A visitor that evidence points to: who its latest tenure belongs to, and when the evidence was last seen."""

    standing: Standing
    last_seen: datetime


@dataclass(frozen=True)
class Surroundings:
    """What the graph holds of a visit's jar and fingerprint. `sharers` counts the visitors with the fingerprint."""

    jar_last_seen: datetime | None
    visitor_id: str | None
    tenure_id: str | None
    tenure: Standing | None
    sharers: int
    owner: Owner | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Probable:
    """An identity a tenure probably belongs to."""

    identity_id: str
    user_id: str | None
    confidence: float
    evidence: Evidence


@dataclass(frozen=True)
class Placement:
    """Where a visit goes. `joins` says its jar is put into the visitor now, `tied_to` what its new tenure is tied to."""

    match: Match
    visitor_id: str
    is_new_visitor: bool
    joins: bool
    came_back: bool
    tenure_id: str
    is_new_tenure: bool
    tied_to: str | None
    standing: Standing
    probable: tuple[Probable, ...] = ()


def place(visit: Visit, found: Surroundings, policy: Policy) -> Placement:
    """Decide whom a visit belongs to: its jar's visitor; else the one that owns its fingerprint; else a new one."""
    if found.visitor_id is not None:
        return _returning(visit, found, found.visitor_id)
    if visit.consent and found.owner is not None and found.owner.known_jars <= policy.fingerprint_known_jars_max:
        return _by_fingerprint(visit, found.owner, policy)
    return _new_visitor(visit, found, policy)


def _returning(visit: Visit, found: Surroundings, visitor_id: str) -> Placement:
    evidence = Evidence(kind=visit.jar_method, strength=1.0, shared_by=0, last_seen=found.jar_last_seen)
    stays = found.tenure_id is not None and found.tenure is not None and not visit.reset
    return Placement(
        match=Match(visit.jar_method, 1.0, (evidence,)),
        visitor_id=visitor_id,
        is_new_visitor=False,
        joins=False,
        came_back=True,
        tenure_id=found.tenure_id if stays and found.tenure_id else visit.new_tenure_id,
        is_new_tenure=not stays,
        tied_to=None,
        standing=found.tenure if stays and found.tenure else _own(visit.new_tenure_id),
    )


def _by_fingerprint(visit: Visit, owner: Owner, policy: Policy) -> Placement:
    strength = confidence.of_fingerprint(
        same_address=owner.same_address,
        same_browser=(visit.browser, visit.os) == (owner.browser, owner.os),
        last_seen=owner.last_seen,
        at=visit.at,
        policy=policy,
    )
    evidence = Evidence(kind=Method.FINGERPRINT, strength=strength, shared_by=0, last_seen=owner.last_seen)
    tied = (
        owner.anchor is not None
        and not visit.reset
        and not is_kiosk(owner.recent_users, visit.at, policy)
        and owner.anchor_depth < policy.path_length_max
    )
    return Placement(
        match=Match(Method.FINGERPRINT, strength, (evidence,)),
        visitor_id=owner.visitor_id,
        is_new_visitor=False,
        joins=True,
        came_back=False,
        tenure_id=visit.new_tenure_id,
        is_new_tenure=True,
        tied_to=owner.anchor_id if tied else None,
        standing=_tied(owner.anchor, strength) if tied and owner.anchor else _own(visit.new_tenure_id),
    )


def _new_visitor(visit: Visit, found: Surroundings, policy: Policy) -> Placement:
    probable = probably(found.candidates, found.sharers, policy) if visit.consent and not visit.reset else ()
    own = _own(visit.new_tenure_id)
    match = (
        Match(Method.FINGERPRINT, probable[0].confidence, tuple(one.evidence for one in probable)) if probable else None
    )
    return Placement(
        match=match or Match(Method.NEW, 1.0),
        visitor_id=visit.new_visitor_id,
        is_new_visitor=True,
        joins=True,
        came_back=False,
        tenure_id=visit.new_tenure_id,
        is_new_tenure=True,
        tied_to=None,
        standing=Standing(probable[0].identity_id, None, "probable", probable[0].confidence) if probable else own,
        probable=probable,
    )


def probably(candidates: Sequence[Candidate], sharers: int, policy: Policy) -> tuple[Probable, ...]:
    """The identities a weak fingerprint points to, strongest first, ties to the latest: one each, the policy's few.

    The more visitors share it the less it proves; of several candidates of one identity the surest counts.
    """
    strength = confidence.shared(policy.fingerprint_weak_base, sharers, policy.fingerprint_crowd)
    surest: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda one: (one.standing.confidence, one.last_seen)):
        surest[candidate.standing.identity_id] = candidate
    probable = [
        Probable(
            identity_id=identity_id,
            user_id=candidate.standing.user_id,
            confidence=round(strength * candidate.standing.confidence, 4),
            evidence=Evidence(
                kind=Method.FINGERPRINT,
                strength=strength,
                shared_by=sharers,
                last_seen=candidate.last_seen,
            ),
        )
        for identity_id, candidate in surest.items()
    ]
    probable.sort(key=lambda one: one.identity_id)
    probable.sort(key=lambda one: (one.confidence, surest[one.identity_id].last_seen), reverse=True)
    return tuple(one for one in probable[: policy.probable_max] if one.confidence > 0)


def _own(tenure_id: str) -> Standing:
    return Standing(tenure_id, None, "own", 1.0)


def _tied(anchor: Standing, strength: float) -> Standing:
    method = "own" if anchor.method == "own" else "probable" if anchor.method == "probable" else "tied"
    return Standing(anchor.identity_id, anchor.user_id, method, min(strength, anchor.confidence))
