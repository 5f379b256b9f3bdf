"""Queries of the consistency check: it reads pages of nodes in the order of their ids, and writes counts that it repairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.consistency import CandidateEdge, Figures, KeptRelationship, Related
from graph.rules.identifying import Held, Rival
from graph.rules.relationships import Record, Source
from graph.transaction import Transaction


@dataclass(frozen=True)
class CheckedCandidate(CandidateEdge):
    """A candidate as the graph keeps it; `addresses` and `arithmetic` are JSON."""

    is_tenants: bool
    candidate_id: str | None
    addresses: str | None
    arithmetic: str | None


@dataclass(frozen=True)
class CheckedVisitor:
    """A visitor with the numbers that it keeps, and its merges; whether a jar is surely its own, if it has any.

    `first_seen` and `last_seen` are in milliseconds since 1970: a page of times takes longer to read than all other numbers.
    """

    id: str
    known_jars: int | None
    latest_tenure_id: str | None
    first_seen: int | None
    last_seen: int | None
    machines: int | None
    root_id: str | None
    roots: list[str]
    has_own_jar: bool
    merges: int
    is_circle: bool
    candidates: list[CheckedCandidate]
    strangers: list[str]


@dataclass(frozen=True)
class CheckedJar:
    """A jar, how many visitors it is in, and how many current tenures it has."""

    id: str
    was_visited: bool
    visitors: int
    current: int
    strangers: list[str]


@dataclass(frozen=True)
class CheckedTenure:
    """A tenure with the counts that it keeps, a new count of each (`…_due`), and its open facts.

    `is_claim_elsewhere` says that the session of its claim is not in it.
    """

    id: str
    visitor_id: str | None
    jars: int
    is_claim_elsewhere: bool
    sessions: int | None
    sessions_due: int
    events: int | None
    events_due: int
    ties: int
    is_circle: bool
    resolutions: int
    held: Held | None
    rival: Rival | None
    strangers: list[str]


@dataclass(frozen=True)
class CheckedSession:
    """A session with the number of events that it keeps, and a new count of them (`events_due`)."""

    id: str
    visitor_id: str | None
    tenures: int
    events: int | None
    events_due: int
    strangers: list[str]


@dataclass(frozen=True)
class CheckedEvent:
    """An event, how many sessions recorded it, and whether these are all of the tenure that it names."""

    id: str
    sessions: int
    is_of_tenure: bool
    strangers: list[str]


@dataclass(frozen=True)
class CheckedNode:
    """A fingerprint or an address."""

    id: str
    strangers: list[str]


@dataclass(frozen=True)
class CheckedUser:
    """A user with `linked_id`, and whether it is linked with any user."""

    id: str
    linked_id: str | None
    is_linked: bool
    strangers: list[str]


@dataclass(frozen=True)
class Next:
    """The id of a node."""

    id: str


@dataclass(frozen=True)
class Untenanted:
    """A node without a tenant: its label, and its id if it has one."""

    label: str
    id: str | None


@dataclass(frozen=True)
class _Record:
    source: Source
    count: int
    first: datetime | None
    last: datetime | None
    figure: float


@dataclass(frozen=True)
class _Edge:
    user_id: str
    visitor_id: str
    is_keyed: bool
    is_of_user: bool
    is_of_visitor: bool
    is_hidden: bool
    visible: bool | None
    verified: bool | None
    confidence: float | None
    rank: float | None
    count: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    source: str | None
    records: list[_Record]


@dataclass(frozen=True)
class _Related:
    visitor_id: str
    is_merged: bool
    is_server: bool
    edges: list[_Edge]
    hidden: list[str]


#: Each query returns at most `limit` of the tenant's nodes in the order of their ids, from the id `first` on. `strangers`
#: has the type of each edge from a node to another tenant's nodes.
visitors = query("consistency/visitors", CheckedVisitor)
jars = query("consistency/jars", CheckedJar)
tenures = query("consistency/tenures", CheckedTenure)
sessions = query("consistency/sessions", CheckedSession)
events = query("consistency/events", CheckedEvent)
users = query("consistency/users", CheckedUser)
fingerprints = query("consistency/fingerprints", CheckedNode)
addresses = query("consistency/addresses", CheckedNode)

following = query("consistency/next", Next)
_relationships = query("consistency/relationships", _Related)
without_tenant = query("consistency/without_tenant", Untenanted)
write_tenure = query("consistency/write_tenure", Nothing)
write_session = query("consistency/write_session", Nothing)
_write_candidates = query("consistency/write_candidates", Nothing)


def relationships(tx: Transaction, visitor_ids: Sequence[str]) -> list[Related]:
    """Read the relationships of visitors, by way of the edges between visitors and users and not by the edges' own keys."""
    return [
        Related(row.visitor_id, row.is_merged, row.is_server, [_kept(edge) for edge in row.edges], row.hidden)
        for row in _relationships(tx, visitor_ids=visitor_ids)
    ]


def write_candidates(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    """Leave each two visitors one candidate, or none, as the rows say."""
    if rows:
        _write_candidates(tx, rows=rows)


def _kept(edge: _Edge) -> KeptRelationship:
    records = {
        record.source: Record(record.count, record.first, record.last, record.figure)
        for record in edge.records
        if record.count > 0 and record.first is not None and record.last is not None
    }
    return KeptRelationship(
        edge.user_id,
        edge.visitor_id,
        edge.is_keyed,
        edge.is_of_user,
        edge.is_of_visitor,
        edge.is_hidden,
        edge.visible,
        edge.verified,
        [record.source for record in edge.records if record.source not in records],
        Figures(edge.confidence, edge.rank, edge.count, edge.first_seen, edge.last_seen, edge.source),
        records,
    )
