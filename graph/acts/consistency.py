"""Check that what a tenant's graph says more than once agrees, and that nothing is where it cannot be; repair what follows.

A page at a time is read, without a lock. What looks wrong there is looked at once more, since a call may have been in the
middle of it, and to be repaired under the locks of its visitor.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from graph.acts import adopt, audit, refold
from graph.database import Database
from graph.errors import Overtaken
from graph.model import Change
from graph.rules import consistency as rules
from graph.rules import relationships as weighing
from graph.rules.consistency import REPAIRABLE, TORN, Finding, Kind
from graph.rules.derived import Derived
from graph.rules.policy import Policy
from graph.rules.relationships import Source
from graph.store import consistency as store
from graph.store import users, visitors
from graph.transaction import Rung, Transaction

CALL = "repair"
#: What is repaired by weighing the relationships of a visitor's group anew.
RELATIONSHIPS = frozenset(
    {
        Kind.RELATIONSHIP_RECORDS,
        Kind.RELATIONSHIP_FIGURES,
        Kind.RELATIONSHIP_VERIFIED,
        Kind.RELATIONSHIP_VISIBLE,
    }
)
#: Nodes in a transaction: 500 events were read in 0.1 s, 500 visitors with their relationships in 0.75 s.
PAGE = 500
#: What a page may take in seconds: longer than a request, and well below the lease of a job, which is renewed after it.
PAGE_SECONDS = 30.0
#: A label at a time is read through for what has no tenant.
WHOLE_DATABASE_SECONDS = 3600.0
#: Findings in an answer; the others are counted.
LISTED_MAX = 1000


@dataclass(frozen=True)
class Check:
    """What is checked, by whom (`key:ID`, `job:consistency`), and whether what can be repaired is."""

    policy: Policy
    is_repairing: bool
    at: datetime
    actor: str
    new_id: Callable[[], str]


@dataclass
class Report:
    """How many nodes were looked at, by what they are; what was found, how much of each kind, and how much is left."""

    checked: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(LOOKS, 0)))
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter[Kind] = field(default_factory=Counter)
    left: int = 0

    @property
    def findings_left_out(self) -> int:
        """How many are counted only."""
        return self.kinds.total() - len(self.findings)

    def add(self, found: Sequence[Finding]) -> None:
        """Note what was found."""
        self.kinds.update(one.kind for one in found)
        self.left += sum(not one.repaired for one in found)
        self.findings += found[: LISTED_MAX - len(self.findings)]


@dataclass(frozen=True)
class Looked:
    """A node that was looked at, the visitor by which it is locked, and what is wrong with it."""

    id: str
    visitor_id: str | None
    findings: Sequence[Finding]


#: Reads up to so many nodes from an id on.
Look = Callable[[Transaction, Policy, str, int], list[Looked]]


def act(
    database: Database, check: Check, progress: Callable[[int], None] = lambda _: None, report: Report | None = None
) -> Report:
    """Check all of a tenant's graph.

    `progress` is told how many nodes were looked at so far, after each page and each node that looked wrong; `report`
    has what was found until then, where the check is stopped.
    """
    report = report or Report()
    for name, look in LOOKS.items():
        for page in _pages(database, check, look):
            for one in page:
                report.checked[name] += 1
                if one.findings:
                    report.add(_again(database, check, look, one))
                    progress(report.checked.total())
            progress(report.checked.total())
    return report


def without_tenant(database: Database, report: Report) -> None:
    """Look through the whole database for nodes that are no tenant's: for whoever runs it, never for a tenant."""
    found = database.read_within(WHOLE_DATABASE_SECONDS, store.without_tenant, limit=LISTED_MAX)
    report.add(
        [Finding(Kind.WITHOUT_TENANT, {"label": one.label, "id": one.id or ""}, "it has no tenant") for one in found]
    )


def _pages(database: Database, check: Check, look: Look) -> Iterator[list[Looked]]:
    first = ""
    while page := database.read_within(PAGE_SECONDS, look, check.policy, first, PAGE):
        yield page
        if len(page) < PAGE:
            return
        # The next possible id: nothing lies between a text and itself with the least character behind it.
        first = page[-1].id + "\0"


def _again(database: Database, check: Check, look: Look, one: Looked) -> Sequence[Finding]:
    if check.is_repairing and any(finding.kind in REPAIRABLE for finding in one.findings):
        return database.write(_repair, check, look, one)
    return database.read(_look_at, check.policy, look, one.id).findings


def _look_at(tx: Transaction, policy: Policy, look: Look, node_id: str) -> Looked:
    found = look(tx, policy, node_id, 1)
    return found[0] if found and found[0].id == node_id else Looked(node_id, None, ())


def _repair(tx: Transaction, check: Check, look: Look, one: Looked) -> Sequence[Finding]:
    """Write what follows from the other facts, unless these contradict each other."""
    if one.visitor_id:
        visitors.lock_group(tx, [one.visitor_id])
    now = _look_at(tx, check.policy, look, one.id)
    if now.visitor_id != one.visitor_id:
        raise Overtaken("it went to another visitor just now")
    kinds = {finding.kind for finding in now.findings}
    if (
        now.visitor_id is None
        or not tx.locks.holds(Rung.VISITOR, now.visitor_id)
        or not kinds & REPAIRABLE
        or kinds & TORN
    ):
        return now.findings
    tx = tx.making(Change(f"chg_{check.new_id()}", check.at, check.actor))
    _write(tx, check, now)
    left = {finding.place for finding in _look_at(tx, check.policy, look, one.id).findings}
    findings = [replace(finding, repaired=finding.place not in left) for finding in now.findings]
    repaired = [finding for finding in findings if finding.repaired]
    if repaired:
        audit.record(tx, _trace(tx.change, now.visitor_id, repaired))
    return findings


def _write(tx: Transaction, check: Check, one: Looked) -> None:
    for finding in one.findings:
        if finding.kind in {Kind.VISITOR_ROOT, Kind.VISITOR_JARS, Kind.VISITOR_LATEST_TENURE}:
            visitors.write(tx, visitor_id=one.id, numbers=finding.due)
        elif finding.kind is Kind.TENURE_COUNT:
            store.write_tenure(tx, tenure_id=one.id, numbers=finding.due)
        elif finding.kind is Kind.SESSION_COUNT:
            store.write_session(tx, session_id=one.id, numbers=finding.due)
        elif finding.kind is Kind.ADOPTION:
            adopt.choose_again(tx, [one.id], at=check.at)
    if {finding.kind for finding in one.findings} & RELATIONSHIPS:
        _write_relationships(tx, check, one)


def _write_relationships(tx: Transaction, check: Check, one: Looked) -> None:
    """Count anew what was observed on a visitor's own jars, and write what that and the rest of its group come to."""
    survivor = visitors.survivors(tx, [one.id])[one.id]
    edges = store.relationships(tx, [survivor])[0].edges
    again = {finding.ids["userId"] for finding in one.findings if finding.kind is Kind.RELATIONSHIP_RECORDS}
    if not all(_is_clear(edge, again if edge.visitor_id == one.id else set()) for edge in edges):
        return
    concerned = sorted(again | {edge.user_id for edge in edges})
    users.lock(tx, [(user_id, f"usr_{check.new_id()}") for user_id in concerned], check.at)
    observed = visitors.observed(tx, [one.id])[one.id].records
    groups = [
        weighing.Group(
            user_id,
            survivor,
            {edge.visitor_id: edge.records for edge in edges if edge.user_id == user_id},
            frozenset(edge.visitor_id for edge in edges if edge.user_id == user_id and edge.is_hidden),
        )
        for user_id in concerned
    ]
    counted = [group.observing(one.id, observed) if group.user_id in again else group for group in groups]
    refold.write(tx, counted, check.policy)


def _is_clear(edge: rules.KeptRelationship, again: Collection[str]) -> bool:
    """Whether it is known whose an edge is and what it says, given the users that are counted again: no statement can be."""
    return edge.is_keyed and (not edge.torn or (edge.user_id in again and Source.STATED not in edge.torn))


def _trace(change: Change, visitor_id: str, repaired: Sequence[Finding]) -> audit.Trace:
    user_ids = sorted({finding.ids["userId"] for finding in repaired if "userId" in finding.ids})
    return audit.Trace(
        change,
        subjects=(f"visitor:{visitor_id}", *(f"user:{user_id}" for user_id in user_ids)),
        act=CALL,
        before={"findings": [{"kind": one.kind, "ids": one.ids, "says": one.says} for one in repaired]},
        after={"findings": [{"kind": one.kind, "ids": one.ids, "says": one.due} for one in repaired]},
    )


def _visitors(tx: Transaction, policy: Policy, first: str, limit: int) -> list[Looked]:
    found = store.visitors(tx, first=first, limit=limit)
    visitor_ids = [one.id for one in found]
    related = {one.visitor_id: one for one in store.relationships(tx, visitor_ids)}
    observed = visitors.observed(tx, visitor_ids)
    return [
        Looked(
            one.id,
            one.id,
            [
                *_visitor(one, observed[one.id]),
                *rules.related(related[one.id], observed[one.id].records, policy),
            ],
        )
        for one in found
    ]


def _visitor(one: store.CheckedVisitor, observed: Derived) -> Iterator[Finding]:
    ids = {"visitorId": one.id}
    if one.roots and one.root_id not in one.roots:
        yield from rules.difference(Kind.VISITOR_ROOT, ids, {"root_id": one.root_id}, {"root_id": one.roots[0]})
    yield from rules.difference(
        Kind.VISITOR_JARS, ids, {"known_jars": one.known_jars}, {"known_jars": observed.known_jars}
    )
    if one.latest_tenure_id not in observed.latest_tenure_ids:
        due = {"latest_tenure_id": observed.latest_tenure_id}
        yield from rules.difference(Kind.VISITOR_LATEST_TENURE, ids, {"latest_tenure_id": one.latest_tenure_id}, due)
    if one.merges > 1:
        yield Finding(Kind.SEVERAL_MERGES, ids, f"it is merged into {one.merges} visitors at once")
    if one.is_circle:
        yield Finding(Kind.MERGE_CIRCLE, ids, "it is merged into itself, by way of others")
    yield from _strangers(ids, one.strangers)


def _jars(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    found = store.jars(tx, first=first, limit=limit)
    return [Looked(one.id, None, list(_jar(one))) for one in found]


def _jar(one: store.CheckedJar) -> Iterator[Finding]:
    ids = {"jarId": one.id}
    if one.was_visited and one.visitors == 0:
        yield Finding(Kind.JAR_WITHOUT_VISITOR, ids, "it has sessions and is in no visitor")
    if one.visitors > 1:
        yield Finding(Kind.SEVERAL_VISITORS, ids, f"it is in {one.visitors} visitors at once")
    yield from _strangers(ids, one.strangers)


def _tenures(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    found = store.tenures(tx, first=first, limit=limit)
    return [Looked(one.id, one.visitor_id, list(_tenure(one))) for one in found]


def _tenure(one: store.CheckedTenure) -> Iterator[Finding]:
    ids = {"tenureId": one.id}
    says = {"sessions": one.sessions, "events": one.events}
    due = {"sessions": one.sessions_due, "events": one.events_due}
    yield from rules.difference(Kind.TENURE_COUNT, ids, says, due)
    if not one.has_jar:
        yield Finding(Kind.TENURE_WITHOUT_JAR, ids, "it is on no jar")
    if one.ties > 1:
        yield Finding(Kind.SEVERAL_TIES, ids, f"it is tied to {one.ties} tenures at once")
    if one.is_circle:
        yield Finding(Kind.TIE_CIRCLE, ids, "it is tied to itself, by way of others")
    if one.resolutions > 1:
        yield Finding(Kind.SEVERAL_USERS, ids, f"it resolves to {one.resolutions} users at once")
    else:
        yield from rules.adoption(ids, one.id, one.held, one.rival)
    yield from _strangers(ids, one.strangers)


def _sessions(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    found = store.sessions(tx, first=first, limit=limit)
    return [Looked(one.id, one.visitor_id, list(_session(one))) for one in found]


def _session(one: store.CheckedSession) -> Iterator[Finding]:
    ids = {"sessionId": one.id}
    yield from rules.difference(Kind.SESSION_COUNT, ids, {"events": one.events}, {"events": one.events_due})
    if not one.has_tenure:
        yield Finding(Kind.SESSION_WITHOUT_TENURE, ids, "it was in no tenure")
    yield from _strangers(ids, one.strangers)


def _events(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    found = store.events(tx, first=first, limit=limit)
    return [Looked(one.id, None, list(_event(one))) for one in found]


def _event(one: store.CheckedEvent) -> Iterator[Finding]:
    ids = {"eventId": one.id}
    if not one.has_session:
        yield Finding(Kind.EVENT_WITHOUT_SESSION, ids, "no session recorded it")
    yield from _strangers(ids, one.strangers)


class _Nodes(Protocol):
    """A query for a page of nodes."""

    def __call__(self, tx: Transaction, *, first: str, limit: int) -> list[store.CheckedNode]: ...


def _only_strangers(read: _Nodes, name: str) -> Look:
    """A look at nodes that can only be wrong by what they are joined to."""

    def look(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
        found = read(tx, first=first, limit=limit)
        return [Looked(one.id, None, list(_strangers({name: one.id}, one.strangers))) for one in found]

    return look


def _strangers(ids: Mapping[str, str], types: Sequence[str]) -> Iterator[Finding]:
    """The other end is not named: it is somebody else's."""
    for kind, count in sorted(Counter(types).items()):
        detail = (
            f"{kind} joins it to another tenant's, {count} times"
            if count > 1
            else f"{kind} joins it to another tenant's"
        )
        yield Finding(Kind.ANOTHER_TENANTS, {**ids, "type": kind}, detail)


#: What is looked at, in this order: sums after what they are made of.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "events": _events,
        "sessions": _sessions,
        "tenures": _tenures,
        "jars": _jars,
        "visitors": _visitors,
        "users": _only_strangers(store.users, "userId"),
        "fingerprints": _only_strangers(store.fingerprints, "fingerprint"),
        "addresses": _only_strangers(store.addresses, "address"),
    }
)
