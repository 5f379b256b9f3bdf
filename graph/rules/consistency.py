"""Compare derived properties of the graph with the facts and records that they follow from.

A check of the graph uses these rules. Each difference, and each thing that must not be in the graph, is a finding.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.rules import candidates, identifying, relationships
from graph.rules.candidates import ACCEPTED, OPEN, REFUSED
from graph.rules.identifying import Above, Held, Rival
from graph.rules.policy import Policy
from graph.rules.relationships import Records, Relationship, Source


class Kind(StrEnum):
    """Kinds of findings. docs/api.md says what each means and whether it can be repaired."""

    RELATIONSHIP_KEY = "relationship_key"
    RELATIONSHIP_NOT_FOUND = "relationship_not_found"
    RELATIONSHIP_FIGURES = "relationship_figures"
    RELATIONSHIP_RECORDS = "relationship_records"
    RELATIONSHIP_VERIFIED = "relationship_verified"
    RELATIONSHIP_VISIBLE = "relationship_visible"
    SESSION_COUNT = "session_count"
    TENURE_COUNT = "tenure_count"
    VISITOR_ROOT = "visitor_root"
    VISITOR_JARS = "visitor_jars"
    VISITOR_LATEST_TENURE = "visitor_latest_tenure"
    VISITOR_NUMBERS = "visitor_numbers"
    LINKED_ID = "linked_id"
    CANDIDATE_ENDS = "candidate_ends"
    CANDIDATE_STATE = "candidate_state"
    CANDIDATE_FIGURES = "candidate_figures"
    ADOPTION = "adoption"
    INFERENCE_CONTRADICTED = "inference_contradicted"
    INFERENCE_SOURCE = "inference_source"
    INFERENCE_UNFOUNDED = "inference_unfounded"
    INFERENCE_FIGURE = "inference_figure"
    INFERENCE_LOST = "inference_lost"
    NOT_CARRIED = "not_carried"
    TURN = "turn"
    ANOTHER_TENANTS = "another_tenants"
    WITHOUT_TENANT = "without_tenant"
    NOT_CHECKED = "not_checked"
    SEVERAL_MERGES = "several_merges"
    MERGE_CIRCLE = "merge_circle"
    SEVERAL_TIES = "several_ties"
    TIE_CIRCLE = "tie_circle"
    SEVERAL_USERS = "several_users"
    SEVERAL_VISITORS = "several_visitors"
    SEVERAL_WHOLES = "several_wholes"
    EVENT_TENURE = "event_tenure"
    CLAIM_SESSION = "claim_session"
    FIRST_JAR = "first_jar"
    JAR_WITHOUT_VISITOR = "jar_without_visitor"
    TENURE_WITHOUT_JAR = "tenure_without_jar"
    SESSION_WITHOUT_TENURE = "session_without_tenure"
    EVENT_WITHOUT_SESSION = "event_without_session"


#: Kinds that a repair can correct, since the right value follows from other facts. A person decides about the others.
REPAIRABLE = frozenset(
    {
        Kind.RELATIONSHIP_FIGURES,
        Kind.RELATIONSHIP_RECORDS,
        Kind.RELATIONSHIP_VERIFIED,
        Kind.RELATIONSHIP_VISIBLE,
        Kind.SESSION_COUNT,
        Kind.TENURE_COUNT,
        Kind.VISITOR_ROOT,
        Kind.VISITOR_JARS,
        Kind.VISITOR_LATEST_TENURE,
        Kind.VISITOR_NUMBERS,
        Kind.LINKED_ID,
        Kind.CANDIDATE_ENDS,
        Kind.CANDIDATE_STATE,
        Kind.CANDIDATE_FIGURES,
        Kind.ADOPTION,
        Kind.INFERENCE_CONTRADICTED,
        Kind.INFERENCE_SOURCE,
        Kind.INFERENCE_UNFOUNDED,
        Kind.INFERENCE_FIGURE,
        Kind.INFERENCE_LOST,
        Kind.NOT_CARRIED,
        Kind.TURN,
    }
)
#: Kinds that mean that facts of a node contradict each other. Nothing is concluded from such a node.
TORN = frozenset(
    {
        Kind.RELATIONSHIP_KEY,
        Kind.ANOTHER_TENANTS,
        Kind.SEVERAL_MERGES,
        Kind.MERGE_CIRCLE,
        Kind.SEVERAL_TIES,
        Kind.TIE_CIRCLE,
        Kind.SEVERAL_USERS,
        Kind.SEVERAL_VISITORS,
        Kind.SEVERAL_WHOLES,
    }
)


@dataclass(frozen=True)
class Finding:
    """An error in the graph.

    `ids` says where: ids by what they are ids of, such as `{"visitorId": "vis_…"}`. `detail` says in words what is wrong.
    `says` has the properties that are wrong as they are in the graph, `due` as they should be.
    """

    kind: Kind
    ids: Mapping[str, str]
    detail: str
    says: Mapping[str, object] = field(default_factory=dict)
    due: Mapping[str, object] = field(default_factory=dict)
    repaired: bool = False

    @property
    def place(self) -> tuple[object, ...]:
        """What identifies the finding, whatever its figures: its kind and ids."""
        return self.kind, tuple(sorted(self.ids.items()))


@dataclass(frozen=True)
class Figures:
    """The figures that a relationship keeps besides its records; None for a missing property."""

    confidence: float | None
    rank: float | None
    count: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    source: str | None

    @classmethod
    def of(cls, weighed: Relationship, *, is_listed: bool) -> "Figures":
        """Return the figures that a relationship should keep; only a listed relationship has a rank."""
        return cls(
            weighed.confidence,
            weighed.rank if is_listed else None,
            weighed.count,
            weighed.first_seen,
            weighed.last_seen,
            weighed.source.value,
        )


@dataclass(frozen=True)
class KeptRelationship:
    """An `IDENTIFIED_AS` edge between two nodes; `user_id` and `visitor_id` are those of the nodes.

    `is_keyed` says that the edge's own keys agree with the nodes'. `is_of_user` and `is_of_visitor` say that the index
    finds the edge from each. `torn` has the sources whose record is incomplete; `records` leaves them out.
    """

    user_id: str
    visitor_id: str
    is_keyed: bool
    is_of_user: bool
    is_of_visitor: bool
    is_hidden: bool
    visible: bool | None
    verified: bool | None
    torn: Sequence[Source]
    figures: Figures
    records: Records


@dataclass(frozen=True)
class Related:
    """A visitor and its relationships. For a survivor, `edges` includes those of all visitors merged into it.

    `hidden` has the users who are hidden on any visitor of its merge group.
    """

    visitor_id: str
    is_merged: bool
    is_server: bool
    edges: Sequence[KeptRelationship]
    hidden: Collection[str]


@dataclass(frozen=True)
class CandidateEdge:
    """A `MAY_BE` edge of a visitor. `other_id` is the visitor at its other end, and None if what is there is no visitor.

    `is_outgoing` says that the edge starts at the visitor, and `is_emptied` that the merge group of one of its ends has no jar
    left.
    """

    other_id: str | None
    is_outgoing: bool
    is_emptied: bool
    state: str | None
    found_at: datetime | None
    decided_at: datetime | None
    change_id: str | None
    confidence: float | None
    first_seen: datetime | None


@dataclass(frozen=True)
class KeptCandidate(CandidateEdge):
    """A candidate as it is checked. It `is_keyed` if its own tenant and `candidate_id` are those of its ends.

    `due` has the confidence and the first day as its evidence gives them; None if its evidence cannot be read.
    """

    is_keyed: bool
    due: tuple[float, datetime] | None

    @property
    def is_decided(self) -> bool:
        """Whether somebody accepted or refused it."""
        return self.state in {ACCEPTED, REFUSED}


def surest_kept(kept: Sequence[KeptCandidate]) -> KeptCandidate:
    """Return the candidate of two visitors that a repair keeps of several: what somebody decided, else the latest."""
    return max(kept, key=lambda each: (each.is_decided, each.found_at.timestamp() if each.found_at else 0.0))


def beside(visitor_id: str, kept: Iterable[KeptCandidate]) -> dict[str | None, list[KeptCandidate]]:
    """Return the candidates of a visitor by the other one, without those that are checked at the other one.

    Each pair is checked at the visitor whose id sorts first.
    """
    found = defaultdict[str | None, list[KeptCandidate]](list)
    for each in kept:
        if each.other_id is None or each.other_id >= visitor_id:
            found[each.other_id].append(each)
    return found


def may_be(visitor_id: str, kept: Iterable[KeptCandidate]) -> Iterator[Finding]:
    """Yield the findings about the candidates of a visitor."""
    for other_id, edges in sorted(beside(visitor_id, kept).items(), key=lambda found: found[0] or ""):
        ids = {"visitorId": visitor_id, **({"otherId": other_id} if other_id is not None else {})}
        wrong = list(_wrong_ends(visitor_id, other_id, edges))
        if wrong:
            yield Finding(Kind.CANDIDATE_ENDS, ids, "; ".join(wrong))
        if other_id is None or other_id == visitor_id:
            continue
        edge = surest_kept(edges)
        yield from _state_findings(ids, edge)
        if edge.due is None:
            yield Finding(Kind.CANDIDATE_FIGURES, ids, "its evidence cannot be read")
        else:
            says = {"confidence": edge.confidence, "first_seen": edge.first_seen}
            yield from difference(
                Kind.CANDIDATE_FIGURES, ids, says, {"confidence": edge.due[0], "first_seen": edge.due[1]}
            )


def _wrong_ends(visitor_id: str, other_id: str | None, edges: Sequence[KeptCandidate]) -> Iterator[str]:
    if other_id is None:
        yield "a candidate joins it to what is no visitor"
        return
    if other_id == visitor_id:
        yield "a candidate joins it to itself"
        return
    if len(edges) > 1:
        yield f"{len(edges)} candidates join the two"
    if not all(edge.is_outgoing for edge in edges):
        yield "a candidate starts at the visitor whose id sorts last"
    if not all(edge.is_keyed for edge in edges):
        yield "its own tenant and candidate_id are not those of its ends"
    if any(edge.is_emptied for edge in edges):
        yield "nothing is left of one of the two"


def _state_findings(ids: Mapping[str, str], edge: KeptCandidate) -> Iterator[Finding]:
    """Yield a finding if a candidate does not say whether, when and by which change somebody decided.

    When somebody decided cannot be told from the graph, so only what an open one must not have is due.
    """
    says = {"state": edge.state, "decided_at": edge.decided_at, "change_id": edge.change_id}
    if not edge.is_decided:
        yield from difference(Kind.CANDIDATE_STATE, ids, says, {"state": OPEN, "decided_at": None, "change_id": None})
    elif edge.decided_at is None or edge.change_id is None:
        yield Finding(Kind.CANDIDATE_STATE, ids, f"it is {edge.state}, and does not say when and by which change", says)
    elif edge.found_at is not None and edge.decided_at < edge.found_at:
        yield Finding(Kind.CANDIDATE_STATE, ids, f"it was {edge.state} before it was found", says)


def candidate_key(visitor_id: str, other_id: str) -> str:
    """Return the `candidate_id` of two visitors, whichever is named first."""
    return candidates.id_of(*sorted((visitor_id, other_id)))


def difference(
    kind: Kind, ids: Mapping[str, str], says: Mapping[str, object], due: Mapping[str, object]
) -> Iterator[Finding]:
    """Yield one finding with all properties that differ, or nothing if none does."""
    differs = [name for name in due if not _same(says.get(name), due[name])]
    if differs:
        detail = "; ".join(f"{name} is {_word(says.get(name))}, not {_word(due[name])}" for name in differs)
        yield Finding(
            kind, ids, detail, {name: says.get(name) for name in differs}, {name: due[name] for name in differs}
        )


def adoption(ids: Mapping[str, str], tenure_id: str, held: Held | None, rival: Rival | None) -> Iterator[Finding]:
    """Yield a finding if an unclaimed tenure did not adopt the earliest claim among the tenures tied to it from below."""
    closes, opens = identifying.choose_again([Above(tenure_id, 1.0, held, rival)])
    if closes or opens:
        yield from adopted(ids, held, opens[0].held if opens else None)


def adopted(ids: Mapping[str, str], held: Held | None, due: Held | None) -> Iterator[Finding]:
    """Yield a finding if what a tenure adopted differs from what it should have."""
    yield from difference(Kind.ADOPTION, ids, _adopted(held), _adopted(due))


def _adopted(held: Held | None) -> dict[str, object]:
    names = ("user_id", "claim", "at", "confidence")
    return {name: getattr(held, name, None) for name in names}


def related(
    visitor: Related, observed: Mapping[str, Records], policy: Policy, leaving: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield the findings about a visitor's relationships; `observed` has the records of its own jars by user id.

    `leaving` are users who are being erased: what they did is removed only after their relationships.
    """
    edges, own = defaultdict[str, list[KeptRelationship]](list), dict[str, KeptRelationship]()
    for edge in visitor.edges:
        edges[edge.user_id].append(edge)
        if edge.visitor_id == visitor.visitor_id:
            own.setdefault(edge.user_id, edge)
            yield from _key_findings(edge)
    with_bad_keys = {edge.user_id for edge in visitor.edges if not edge.is_keyed}
    hidden = frozenset(visitor.hidden)
    for user_id in sorted((edges.keys() | observed.keys()) - with_bad_keys.union(leaving)):
        ids = {"visitorId": visitor.visitor_id, "userId": user_id}
        own_edge = own.get(user_id)
        if own_edge is not None and own_edge.torn:
            yield Finding(Kind.RELATIONSHIP_RECORDS, ids, f"its record is torn: {', '.join(own_edge.torn)}")
        elif not visitor.is_server:
            yield from _record_findings(ids, own_edge.records if own_edge else {}, observed.get(user_id, {}))
        counting = [
            edge.records for edge in edges[user_id] if not visitor.is_merged or edge.visitor_id == visitor.visitor_id
        ]
        folded = relationships.fold(counting)
        yield from _figure_findings(ids, own_edge, folded, policy, is_listed=not visitor.is_merged)
        if own_edge is not None:
            yield from difference(
                Kind.RELATIONSHIP_VERIFIED,
                ids,
                {"verified": own_edge.verified},
                {"verified": Source.VERIFIED in folded},
            )
            yield from difference(
                Kind.RELATIONSHIP_VISIBLE,
                ids,
                {"visible": own_edge.visible},
                {"visible": user_id not in hidden},
            )


def _key_findings(edge: KeptRelationship) -> Iterator[Finding]:
    ids = {"visitorId": edge.visitor_id, "userId": edge.user_id}
    if not edge.is_keyed:
        yield Finding(Kind.RELATIONSHIP_KEY, ids, "its own tenant, user_id and visitor_id are not those of its ends")
    elif edge.figures.rank is not None and not (edge.is_of_user and edge.is_of_visitor):
        missing = [
            end for end, is_listed in (("user", edge.is_of_user), ("visitor", edge.is_of_visitor)) if not is_listed
        ]
        yield Finding(
            Kind.RELATIONSHIP_NOT_FOUND, ids, f"the index does not find it from its {' and its '.join(missing)}"
        )


def _record_findings(ids: Mapping[str, str], says: Records, observed: Records) -> Iterator[Finding]:
    sources = [source for source in Source if source is not Source.STATED and source in {*says, *observed}]
    names = [(source, name) for source in sources for name in ("count", "first", "last")]
    yield from difference(
        Kind.RELATIONSHIP_RECORDS,
        ids,
        {f"{source}_{name}": getattr(says.get(source), name, None) for source, name in names},
        {f"{source}_{name}": getattr(observed.get(source), name, None) for source, name in names},
    )


def _figure_findings(
    ids: Mapping[str, str], edge: KeptRelationship | None, records: Records, policy: Policy, *, is_listed: bool
) -> Iterator[Finding]:
    if records:
        due = Figures.of(relationships.weigh(records, policy), is_listed=is_listed)
        yield from difference(Kind.RELATIONSHIP_FIGURES, ids, vars(edge.figures) if edge else {}, vars(due))
    elif edge is not None:
        yield Finding(Kind.RELATIONSHIP_FIGURES, ids, "it has no record", vars(edge.figures))


def _same(value: object, due: object) -> bool:
    if isinstance(value, float) and isinstance(due, float):
        return math.isclose(value, due, rel_tol=1e-9)
    return value == due


def _word(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)
