"""Compute what follows from the recorded facts of a merge group, and compare it with what the graph keeps.

Facts are visits as they were placed, ties, claims and the evidence of inferences. What a tenure adopted follows from them,
and so does whether an inference may stand, what it comes from, and what it was worth when it was observed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.model import Evidence
from graph.rules import consistency, identifying, weighing
from graph.rules.consistency import Finding, Kind
from graph.rules.identifying import Above, Held, Rival
from graph.rules.policy import Policy


@dataclass(frozen=True)
class KeptInference:
    """An open inference of a tenure, as the graph keeps it.

    `user_id` is set if it leads to a user, and `claimed_by` if it leads to a tenure that a user claimed. `claims` are the
    logins that it was carried on from, and `open_claims` those of them that are still open; `claims` is None if it was not
    carried on. `evidence` is JSON text. `is_founded` says whether a visit on the tenure's jar has shown what the inference
    rests on, where that can be told.
    """

    identity_id: str
    user_id: str | None
    claimed_by: str | None
    confidence: float | None
    evidence: str | None
    weeks: list[str] | None
    is_founded: bool
    claims: list[str] | None
    open_claims: list[str]


@dataclass(frozen=True)
class UnmatchedVisit:
    """A visit that was matched by evidence which others share, and whose tenure has no inference by this evidence.

    `evidence` and `answer` are JSON text, as the visit was answered.
    """

    evidence: str
    confidence: float
    answer: str
    fingerprint: str | None
    address: str | None
    browser: str | None
    os: str | None
    device_class: str | None
    started_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class CarriedLogin:
    """A login that was carried on, with its answer as JSON text, which says to how many tenures."""

    answer: str
    at: datetime
    received_at: datetime


@dataclass(frozen=True)
class KeptTenure:
    """A tenure with its visitor, its tie, what it resolves to, its inferences, and its visits whose match no inference holds.

    `tie` is the confidence, 0–1, of the tie to `above_id`. Of a claimed tenure, `logins` are those of its user that were
    carried on, and `carried` is how many inferences, open or closed, come from its claim.
    """

    tenure_id: str
    visitor_id: str
    above_id: str | None
    tie: float
    held: Held | None
    carried: int
    logins: list[CarriedLogin]
    inferences: list[KeptInference]
    unmatched: list[UnmatchedVisit]

    @property
    def claim(self) -> Held | None:
        """The tenure's own claim; None if nobody claimed it."""
        return self.held if self.held is not None and self.held.method == "claim" else None


@dataclass(frozen=True)
class GroupFacts:
    """A merge group by its survivor's id: the tenures of its visitors, and the visitors with several jars (`browsers`)."""

    id: str
    browsers: list[str]
    tenures: list[KeptTenure]


def is_torn(tenures: Sequence[KeptTenure]) -> bool:
    """Whether a tenure has several open ties or users, or is tied to itself by way of others. Nothing follows then."""
    return len({tenure.tenure_id for tenure in tenures}) < len(tenures) or len(_bottom_up(tenures)) < len(tenures)


def adoptions(tenures: Sequence[KeptTenure]) -> dict[str, Held | None]:
    """Return what each tenure resolves to by ties and claims alone, lower tenures first.

    What the graph keeps as adopted is not looked at.
    """
    below: dict[str, list[KeptTenure]] = {}
    for tenure in tenures:
        if tenure.above_id is not None:
            below.setdefault(tenure.above_id, []).append(tenure)
    due: dict[str, Held | None] = {}
    for tenure in _bottom_up(tenures):
        offered = [
            Rival(held.claim, held.user_id, held.at, min(held.confidence, lower.tie))
            for lower in below.get(tenure.tenure_id, [])
            if (held := due[lower.tenure_id]) is not None
        ]
        rival = min(offered, key=lambda claim: (claim.at, claim.claim), default=None)
        _, opens = identifying.choose_again([Above(tenure.tenure_id, 1.0, tenure.claim, rival)])
        due[tenure.tenure_id] = opens[0].held if opens else tenure.claim
    return due


def adoption_findings(tenures: Sequence[KeptTenure]) -> Iterator[Finding]:
    """Yield the tenures that did not adopt what follows from ties and claims, lower tenures first."""
    kept = {tenure.tenure_id: tenure for tenure in tenures}
    for tenure_id, due in adoptions(tenures).items():
        held = kept[tenure_id].held
        if held != due:
            yield from consistency.adopted({"tenureId": tenure_id}, held, due)


def inference_findings(tenure: KeptTenure, evidence: Sequence[Sequence[Evidence]], policy: Policy) -> Iterator[Finding]:
    """Yield the inferences of a tenure that the facts contradict, that rest on nothing, or that are misrated.

    `evidence` has the pieces of each inference, in their order. A finding says the evidence, since a tenure may have several
    inferences to one identity.
    """
    for inference, pieces in zip(tenure.inferences, evidence, strict=True):
        for finding in _inference_findings(tenure, inference, pieces, policy):
            yield replace(finding, says={**finding.says, "evidence": inference.evidence})


def _inference_findings(
    tenure: KeptTenure, inference: KeptInference, pieces: Sequence[Evidence], policy: Policy
) -> Iterator[Finding]:
    ids = {"tenureId": tenure.tenure_id, "identityId": inference.identity_id}
    owner = inference.user_id or inference.claimed_by
    if tenure.claim is not None and owner not in {None, tenure.claim.user_id} and not _was_tie(inference):
        said = f"{tenure.claim.user_id} claimed the tenure, and it is inferred to be {owner}'s"
        yield Finding(Kind.INFERENCE_CONTRADICTED, ids, said)
        return
    # The visit may have been removed as too old, and then what it showed stays.
    keeps_visits = not policy.session_retention_days and not policy.address_retention_days
    if not inference.is_founded and keeps_visits:
        yield Finding(Kind.INFERENCE_UNFOUNDED, ids, "no visit on the tenure's jar has shown what it rests on")
        return
    yield from _source_findings(ids, inference)
    due = figure(inference, pieces, policy)
    if due is not None:
        says = {"confidence": inference.confidence}
        yield from consistency.difference(Kind.INFERENCE_FIGURE, ids, says, {"confidence": due})


def _source_findings(ids: Mapping[str, str], inference: KeptInference) -> Iterator[Finding]:
    """Yield a finding if an inference to a user comes from logins that are gone, or from none."""
    if inference.user_id is not None and (not inference.claims or {*inference.claims} != {*inference.open_claims}):
        gone = sorted(set(inference.claims or ()) - set(inference.open_claims))
        yield Finding(
            Kind.INFERENCE_SOURCE,
            {**ids, "userId": inference.user_id},
            f"it was carried on from logins that are gone: {', '.join(gone)}" if gone else "it comes from no login",
            {"claims": inference.claims or []},
            {"claims": inference.open_claims},
        )


def figure(inference: KeptInference, pieces: Sequence[Evidence], policy: Policy) -> float | None:
    """Return what an inference was worth when it was observed, by its evidence; None where the evidence does not say.

    A part in a browser that several people use follows from their logins, too, and what replaced a tie has a fixed figure.
    """
    if not pieces or not inference.weeks or any("sharing" not in piece.arithmetic for piece in pieces):
        return None
    if inference.claims is not None:
        return pieces[-1].strength
    return weighing.combined(pieces, policy)


def _was_tie(inference: KeptInference) -> bool:
    """Whether an inference replaced a tie. It stays beside claims, as the tie did."""
    return not inference.weeks


def _bottom_up(tenures: Sequence[KeptTenure]) -> list[KeptTenure]:
    """Return the tenures so that each comes after all that are tied to it; those in a circle are left out."""
    waiting: dict[str, int] = {}
    for tenure in tenures:
        if tenure.above_id is not None:
            waiting[tenure.above_id] = waiting.get(tenure.above_id, 0) + 1
    by_id: Mapping[str, KeptTenure] = {tenure.tenure_id: tenure for tenure in tenures}
    ready = sorted(tenure_id for tenure_id in by_id if not waiting.get(tenure_id))
    ordered: list[KeptTenure] = []
    while ready:
        tenure = by_id[ready.pop()]
        ordered.append(tenure)
        if tenure.above_id is not None and tenure.above_id in by_id:
            waiting[tenure.above_id] -= 1
            if not waiting[tenure.above_id]:
                ready.append(tenure.above_id)
    return ordered
