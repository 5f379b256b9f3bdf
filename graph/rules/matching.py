"""Decide whom a visit belongs to: its jar's visitor, its session's tenure, and what ties that tenure to others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from graph.model import Evidence, Match, Method, Standing
from graph.rules import confidence, similarity, weighing
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy
from graph.rules.similarity import Likeness
from graph.rules.weighing import UserThere

#: Names of browsers that cannot be told from the user agent. Two browsers with such a name need not be alike.
UNKNOWN_BROWSERS = frozenset({"", "Other"})


@dataclass(frozen=True)
class Visit:
    """The part of an `init` that matching needs.

    `jar_method` says how the call named its jar: by our `token`, by the caller's own `anonymous_id`, or not (`new`).
    `collector_confidence`, 0–1, is how sure the collector itself is of the fingerprint; None if it does not say.
    """

    at: datetime
    jar_method: Method
    reset: bool
    consent: bool
    browser: str | None
    os: str | None
    new_visitor_id: str
    new_tenure_id: str
    collector_confidence: float | None = None


@dataclass(frozen=True)
class Owner:
    """The only merge group that has the visit's fingerprint; the fingerprint owns if it is on few enough machines.

    With a `likeness` it is the group that has a fingerprint like the visit's, which nobody has.

    `visitor_id` is the visitor of the group that was seen with the fingerprint last. `machines` is how many known jars of
    the group were in use at once, and `recent_users` are the whole group's. `users` are its users in the days before the
    visit, and `claimed` has a tenure that each of them claimed, by user id. `last_seen`, `browser` and `os` are of the
    fingerprint's last visit, and `since` is when its first one was. `same_address` says whether the group was seen at the
    visit's address before.

    `anchor_id` is the tenure that a new jar's first tenure would be tied to, None if there is none or its claim was
    released. `anchor_depth` is the number of ties above it, and `anchor` says who it belongs to.
    """

    visitor_id: str
    machines: int
    recent_users: Sequence[str]
    last_seen: datetime
    browser: str | None
    os: str | None
    same_address: bool
    anchor_id: str | None
    anchor_depth: int
    anchor: Standing | None
    users: Sequence[UserThere] = ()
    claimed: Mapping[str, str] = field(default_factory=dict)
    likeness: Likeness | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """A visitor that evidence points to: its latest tenure, who that belongs to, and the evidence's last time.

    `machines` is how many machines the visitor is on, and `users` how many users it had around the time of the visit.
    `likeness` says how like the visit's fingerprint is to the visitor's, if that is the evidence. `is_other_machine` says that
    the visit's fingerprint is another machine's than the visitor's latest.
    """

    tenure_id: str
    standing: Standing
    last_seen: datetime
    recent_users: Sequence[str] = ()
    machines: int = 1
    users: int = 0
    likeness: Likeness | None = None
    is_other_machine: bool = False


@dataclass(frozen=True)
class Clue:
    """One kind of weak evidence, and the other visitors for which it holds; a merge group counts as one.

    How many share a fingerprint that is like the visit's is each candidate's own matter.
    """

    kind: Method
    shared_by: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Surroundings:
    """What the graph knows about a visit's jar, fingerprint and address; `clues` have the surest kind first.

    `machines` is how many known jars of the jar's visitor were in use at once, with this visit.
    """

    jar_last_seen: datetime | None
    visitor_id: str | None
    tenure_id: str | None
    tenure: Standing | None
    owner: Owner | None
    clues: tuple[Clue, ...]
    machines: int = 1


@dataclass(frozen=True)
class Probable:
    """An identity that a tenure probably belongs to.

    `tenure_id` is the tenure that the evidence points to, and `public_id` that of its standing. `evidence` is in order, the
    surest kind first. `alike` is the known fingerprint that the visit's is like, if that is among the evidence. `linked_id`
    is that of the standing.
    """

    identity_id: str
    tenure_id: str
    public_id: str
    confidence: float
    evidence: tuple[Evidence, ...]
    alike: str | None = None
    linked_id: str | None = None

    @property
    def standing(self) -> Standing:
        """The standing of a tenure that has no surer one."""
        return Standing(self.identity_id, None, "probable", self.confidence, self.public_id, self.linked_id)

    @property
    def method(self) -> Method:
        """The surest kind of its evidence."""
        return Method(self.evidence[0].kind)

    @property
    def last_seen(self) -> datetime:
        """When the latest of its evidence was seen."""
        return max(piece.last_seen for piece in self.evidence if piece.last_seen is not None)


@dataclass(frozen=True)
class Placement:
    """Where a visit is put.

    `joins` says that its jar is put into the visitor now, `came_back` that its jar was in the visitor already. `machines` is
    set if the visitor turns out to be more machines than a fingerprint that owns. `tied_to` is the tenure that the visit's
    new tenure is tied to, None for no tie. `follows` is the evidence of that, and of that the jar is in the visitor.
    """

    match: Match
    visitor_id: str
    is_new_visitor: bool
    joins: bool
    came_back: bool
    tenure_id: str
    tied_to: str | None
    standing: Standing
    probable: tuple[Probable, ...] = ()
    machines: int | None = None
    follows: Evidence | None = None


def place(visit: Visit, found: Surroundings, policy: Policy) -> Placement:
    """Decide whom a visit belongs to.

    It is the visitor of the visit's jar; else, if the visit's fingerprint owns, the visitor that has the fingerprint; else
    the visitor that has one much like it; else a new visitor. Without consent the fingerprint does not count.
    """
    if found.visitor_id is not None:
        return _returning(visit, found, found.visitor_id, policy)
    if visit.consent and found.owner is not None and found.owner.machines <= policy.fingerprint_known_jars_max:
        return _by_fingerprint(visit, found.owner, policy)
    return _new_visitor(visit, found, policy)


def _returning(visit: Visit, found: Surroundings, visitor_id: str, policy: Policy) -> Placement:
    evidence = Evidence(kind=visit.jar_method, strength=1.0, shared_by=0, last_seen=found.jar_last_seen)
    stays = found.tenure_id is not None and found.tenure is not None and not visit.reset
    return Placement(
        match=Match(visit.jar_method, 1.0, (evidence,)),
        visitor_id=visitor_id,
        is_new_visitor=False,
        joins=False,
        came_back=True,
        tenure_id=found.tenure_id if stays and found.tenure_id else visit.new_tenure_id,
        tied_to=None,
        standing=found.tenure if stays and found.tenure else _own(visit.new_tenure_id),
        machines=found.machines if found.machines > policy.fingerprint_known_jars_max else None,
    )


def _by_fingerprint(visit: Visit, owner: Owner, policy: Policy) -> Placement:
    evidence = _of_owner(visit, owner, policy)
    follows = _what_follows(visit, owner, evidence, policy)
    is_one_persons = not visit.reset and not is_kiosk(owner.recent_users, visit.at, policy)
    probable = _shared(owner, follows, policy) if is_one_persons and len(owner.users) > 1 else ()
    tied = (
        owner.anchor is not None
        and is_one_persons
        and len(owner.users) <= 1
        and owner.anchor_depth < policy.path_length_max
    )
    standing = _tied(owner.anchor, follows.strength) if tied and owner.anchor else _own(visit.new_tenure_id)
    if probable and probable[0].confidence >= policy.confidence_min:
        standing = probable[0].standing
    return Placement(
        match=Match(Method(evidence.kind), evidence.strength, (evidence,)),
        visitor_id=owner.visitor_id,
        is_new_visitor=False,
        joins=True,
        came_back=False,
        tenure_id=visit.new_tenure_id,
        tied_to=owner.anchor_id if tied else None,
        standing=standing,
        probable=probable,
        follows=follows,
    )


def _of_owner(visit: Visit, owner: Owner, policy: Policy) -> Evidence:
    """Return the evidence of the owner's fingerprint: the visit has the same one, or one like it."""
    if owner.likeness is not None:
        return Evidence(
            Method.FUZZY_FINGERPRINT,
            similarity.strength(owner.likeness.likelihood, policy),
            0,
            owner.last_seen,
            owner.likeness.arithmetic(policy),
        )
    arithmetic = confidence.of_fingerprint(
        same_address=owner.same_address,
        same_browser=(visit.browser, visit.os) == (owner.browser, owner.os),
        last_seen=owner.last_seen,
        at=visit.at,
        policy=policy,
        is_doubtful=_is_doubtful(visit, owner, policy),
    )
    return Evidence(Method.FINGERPRINT, confidence.added(arithmetic), 0, owner.last_seen, arithmetic)


def _is_doubtful(visit: Visit, owner: Owner, policy: Policy) -> bool:
    """Whether it is doubtful that one machine alone has the fingerprint: it is young, or has several users."""
    # The first visit with the fingerprint may be a later one, which arrived before.
    is_young = owner.since is None or abs(visit.at - owner.since) < timedelta(days=policy.fingerprint_young_days)
    return is_young or len(owner.users) > 1


def _what_follows(visit: Visit, owner: Owner, evidence: Evidence, policy: Policy) -> Evidence:
    """Return the evidence of what follows from a match: in which visitor the jar is, and whose its tenure is.

    It is the match's own, unless all of these hold: the collector doubts the fingerprint, it is doubtful that one machine has
    it, and the address is another. Phones of one model are alike, and nothing else says that this is the same phone.
    """
    sure = visit.collector_confidence
    if owner.likeness is not None or owner.same_address or sure is None or sure >= policy.fingerprint_collector_min:
        return evidence
    if not _is_doubtful(visit, owner, policy):
        return evidence
    arithmetic = confidence.doubted(evidence.arithmetic, policy)
    return replace(evidence, strength=confidence.added(arithmetic), arithmetic=arithmetic)


def _shared(owner: Owner, evidence: Evidence, policy: Policy) -> tuple[Probable, ...]:
    """Return who of a browser's several users a new jar's tenure probably belongs to: each by the part in its use."""
    shares = [
        Probable(
            identity_id=user.identity_id,
            tenure_id=owner.claimed[user.user_id],
            public_id=owner.claimed[user.user_id],
            linked_id=user.linked_id,
            confidence=confidence.multiplied(
                {
                    **weighing.of_owned(evidence.strength, policy),
                    "share": weighing.share(owner.users, user.identity_id, policy),
                }
            ),
            evidence=(evidence,),
        )
        for user in owner.users
        if user.user_id in owner.claimed
    ]
    shares.sort(key=lambda inference: (-inference.confidence, inference.identity_id))
    return tuple(shares[: policy.probable_max])


def _new_visitor(visit: Visit, found: Surroundings, policy: Policy) -> Placement:
    probable = probably(found.clues, visit.at, policy) if visit.consent and not visit.reset else ()
    own = _own(visit.new_tenure_id)
    match = Match(probable[0].method, probable[0].confidence, probable[0].evidence) if probable else None
    return Placement(
        match=match or Match(Method.NEW, 1.0),
        visitor_id=visit.new_visitor_id,
        is_new_visitor=True,
        joins=True,
        came_back=False,
        tenure_id=visit.new_tenure_id,
        tied_to=None,
        standing=probable[0].standing if probable else own,
        probable=probable,
    )


def probably(clues: Sequence[Clue], at: datetime, policy: Policy) -> tuple[Probable, ...]:
    """Return the identities that weak evidence points to, strongest first, at most `probable_max` of the policy.

    Of several candidates of one identity, the surest counts. Different kinds of evidence for one identity count
    together; an address counts once, by its surest kind. A candidate that is a kiosk is left out. Among equally strong
    identities, the latest seen comes first.
    """
    pieces: dict[str, list[tuple[Evidence, Candidate]]] = {}
    for clue in clues:
        surest: dict[str, tuple[Evidence, Candidate]] = {}
        for candidate in clue.candidates:
            piece = (_weigh(clue, candidate, at, policy), candidate)
            if piece[0].strength > 0 and not is_kiosk(candidate.recent_users, at, policy):
                identity_id = candidate.standing.identity_id
                surest[identity_id] = max(surest.get(identity_id, piece), piece, key=_surer)
        for identity_id, piece in surest.items():
            pieces.setdefault(identity_id, []).append(piece)
    inferences = [_together(identity_id, found, policy) for identity_id, found in pieces.items()]
    inferences.sort(key=lambda inference: inference.identity_id)
    inferences.sort(key=lambda inference: (inference.confidence, inference.last_seen), reverse=True)
    return tuple(inferences[: policy.probable_max])


def _weigh(clue: Clue, candidate: Candidate, at: datetime, policy: Policy) -> Evidence:
    age_seconds = (at - candidate.last_seen).total_seconds()
    shared_by = clue.shared_by
    if candidate.likeness is not None:
        shared_by = candidate.machines - 1
        factors = confidence.of_similar_fingerprint(candidate.likeness.likelihood, shared_by, policy)
    elif clue.kind is Method.FINGERPRINT:
        factors = confidence.of_shared_fingerprint(clue.shared_by, policy)
    elif clue.kind is Method.IP_BROWSER:
        factors = confidence.of_ip_browser(
            clue.shared_by, age_seconds, policy, is_other_machine=candidate.is_other_machine
        )
    else:
        factors = confidence.of_ip(clue.shared_by, age_seconds, policy)
    # A chain is as sure as its weakest link, as in every read: the standing takes off only what is beyond it.
    strength = confidence.multiplied(factors)
    arithmetic = {
        **factors,
        "standing": min(1.0, round(candidate.standing.confidence / strength, 4)) if strength else 1.0,
    }
    arithmetic |= weighing.users_factor(candidate.users, policy)
    return Evidence(clue.kind, confidence.multiplied(arithmetic), shared_by, candidate.last_seen, arithmetic)


def _surer(piece: tuple[Evidence, Candidate]) -> tuple[float, datetime, str, str]:
    evidence, candidate = piece
    return evidence.strength, candidate.last_seen, candidate.tenure_id, candidate.standing.public_id


def _together(identity_id: str, pieces: Sequence[tuple[Evidence, Candidate]], policy: Policy) -> Probable:
    """Combine the pieces of evidence for one identity; those of the address count once."""
    surest = {Method(evidence.kind): evidence for evidence, _ in pieces}
    by_address = [surest.pop(kind) for kind in (Method.IP_BROWSER, Method.IP) if kind in surest]
    counted = [*surest.values(), *sorted(by_address, key=lambda piece: piece.strength)[-1:]]
    surest_candidate = max(pieces, key=_surer)[1]
    return Probable(
        identity_id=identity_id,
        tenure_id=surest_candidate.tenure_id,
        public_id=surest_candidate.standing.public_id,
        linked_id=surest_candidate.standing.linked_id,
        confidence=weighing.combined(counted, policy),
        evidence=tuple(counted),
        alike=next((candidate.likeness.fingerprint for _, candidate in pieces if candidate.likeness), None),
    )


def _own(tenure_id: str) -> Standing:
    return Standing(tenure_id, None, "own", 1.0, tenure_id)


def _tied(anchor: Standing, strength: float) -> Standing:
    method = "own" if anchor.method == "own" else "probable" if anchor.method == "probable" else "tied"
    return Standing(
        anchor.identity_id, anchor.user_id, method, min(strength, anchor.confidence), anchor.public_id, anchor.linked_id
    )
