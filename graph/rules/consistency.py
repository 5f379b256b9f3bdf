"""What the graph says more than once, or must not say, held against what its own facts and records give."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.rules import identifying, relationships
from graph.rules.identifying import Above, Held, Rival
from graph.rules.policy import Policy
from graph.rules.relationships import Records, Relationship, Source


class Kind(StrEnum):
    """What can be wrong; docs/api.md says of each what it means and whether it can be repaired."""

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
    ADOPTION = "adoption"
    ANOTHER_TENANTS = "another_tenants"
    WITHOUT_TENANT = "without_tenant"
    SEVERAL_MERGES = "several_merges"
    MERGE_CIRCLE = "merge_circle"
    SEVERAL_TIES = "several_ties"
    TIE_CIRCLE = "tie_circle"
    SEVERAL_USERS = "several_users"
    SEVERAL_VISITORS = "several_visitors"
    JAR_WITHOUT_VISITOR = "jar_without_visitor"
    TENURE_WITHOUT_JAR = "tenure_without_jar"
    SESSION_WITHOUT_TENURE = "session_without_tenure"
    EVENT_WITHOUT_SESSION = "event_without_session"


#: What follows from other facts and can be written as it should be; anything else is for a person to decide.
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
        Kind.ADOPTION,
    }
)
#: Facts that contradict each other: nothing is concluded from a node that has them.
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
    }
)


@dataclass(frozen=True)
class Finding:
    """Something wrong: where (ids by what they are ids of), in words, and what the graph says beside what it should."""

    kind: Kind
    ids: Mapping[str, str]
    detail: str
    says: Mapping[str, object] = field(default_factory=dict)
    due: Mapping[str, object] = field(default_factory=dict)
    repaired: bool = False

    @property
    def place(self) -> tuple[object, ...]:
        """What it is the same finding by, whatever the figures."""
        return self.kind, tuple(sorted(self.ids.items()))


@dataclass(frozen=True)
class Figures:
    """What a relationship says of itself, beside its records; None where it says nothing."""

    confidence: float | None
    rank: float | None
    count: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    source: str | None

    @classmethod
    def of(cls, weighed: Relationship, *, is_listed: bool) -> "Figures":
        """What it should say; only a listed one has a rank."""
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
    """A relationship as it is found at its ends; of a source whose record is torn there is none in `records`."""

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
    """A visitor and its relationships, of a survivor those of all visitors merged into it, too.

    `hidden` are the users who are hidden on it or on any visitor that is one with it.
    """

    visitor_id: str
    is_merged: bool
    is_server: bool
    edges: Sequence[KeptRelationship]
    hidden: Collection[str]


def difference(
    kind: Kind, ids: Mapping[str, str], says: Mapping[str, object], due: Mapping[str, object]
) -> Iterator[Finding]:
    """One finding with all that differs, none where nothing does."""
    differs = [name for name in due if not _same(says.get(name), due[name])]
    if differs:
        detail = "; ".join(f"{name} is {_word(says.get(name))}, not {_word(due[name])}" for name in differs)
        yield Finding(
            kind, ids, detail, {name: says.get(name) for name in differs}, {name: due[name] for name in differs}
        )


def adoption(ids: Mapping[str, str], tenure_id: str, held: Held | None, rival: Rival | None) -> Iterator[Finding]:
    """Whether an unclaimed tenure adopted what the tenures tied to it bring: the earliest claim of all its children."""
    closes, opens = identifying.choose_again([Above(tenure_id, 1.0, held, rival)])
    if closes or opens:
        due = opens[0].held if opens else None
        yield from difference(Kind.ADOPTION, ids, _followed(held), _followed(due))


def _followed(held: Held | None) -> dict[str, object]:
    names = ("user_id", "claim", "at", "confidence")
    return {name: getattr(held, name, None) for name in names}


def related(found: Related, observed: Mapping[str, Records], policy: Policy) -> Iterator[Finding]:
    """What is wrong with a visitor's relationships, given what was observed on its own jars, by user."""
    own = [edge for edge in found.edges if edge.visitor_id == found.visitor_id]
    for edge in own:
        yield from _as_an_edge(edge)
    torn = {edge.user_id for edge in found.edges if not edge.is_keyed}
    users = {edge.user_id for edge in found.edges} | observed.keys()
    for user_id in sorted(users - torn):
        ids = {"visitorId": found.visitor_id, "userId": user_id}
        mine = next((edge for edge in own if edge.user_id == user_id), None)
        if mine is not None and mine.torn:
            yield Finding(Kind.RELATIONSHIP_RECORDS, ids, f"its record is torn: {', '.join(mine.torn)}")
        elif not found.is_server:
            yield from _against_what_was_observed(ids, mine.records if mine else {}, observed.get(user_id, {}))
        counting = [edge.records for edge in (own if found.is_merged else found.edges) if edge.user_id == user_id]
        folded = relationships.fold(counting)
        yield from _against_its_records(ids, mine, folded, policy, is_listed=not found.is_merged)
        if mine is not None:
            yield from difference(
                Kind.RELATIONSHIP_VERIFIED,
                ids,
                {"verified": mine.verified},
                {"verified": Source.VERIFIED in folded},
            )
            yield from difference(
                Kind.RELATIONSHIP_VISIBLE,
                ids,
                {"visible": mine.visible},
                {"visible": user_id not in found.hidden},
            )


def _as_an_edge(edge: KeptRelationship) -> Iterator[Finding]:
    ids = {"visitorId": edge.visitor_id, "userId": edge.user_id}
    if not edge.is_keyed:
        yield Finding(Kind.RELATIONSHIP_KEY, ids, "its own tenant, user_id and visitor_id are not those of its ends")
    elif edge.figures.rank is not None and not (edge.is_of_user and edge.is_of_visitor):
        missing = [
            end for end, is_found in (("user", edge.is_of_user), ("visitor", edge.is_of_visitor)) if not is_found
        ]
        yield Finding(
            Kind.RELATIONSHIP_NOT_FOUND, ids, f"the index does not find it from its {' and its '.join(missing)}"
        )


def _against_what_was_observed(ids: Mapping[str, str], says: Records, observed: Records) -> Iterator[Finding]:
    sources = [source for source in Source if source is not Source.STATED and source in {*says, *observed}]
    names = [(source, name) for source in sources for name in ("count", "first", "last")]
    yield from difference(
        Kind.RELATIONSHIP_RECORDS,
        ids,
        {f"{source}_{name}": getattr(says.get(source), name, None) for source, name in names},
        {f"{source}_{name}": getattr(observed.get(source), name, None) for source, name in names},
    )


def _against_its_records(
    ids: Mapping[str, str], edge: KeptRelationship | None, records: Records, policy: Policy, *, is_listed: bool
) -> Iterator[Finding]:
    if records:
        due = Figures.of(relationships.weigh(records, policy), is_listed=is_listed)
        yield from difference(Kind.RELATIONSHIP_FIGURES, ids, vars(edge.figures) if edge else {}, vars(due))
    elif edge is not None:
        yield Finding(Kind.RELATIONSHIP_FIGURES, ids, "it has no record", vars(edge.figures))


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other


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
