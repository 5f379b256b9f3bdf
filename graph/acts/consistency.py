"""Check a tenant's graph for errors, and repair what follows from other facts.

The check finds data that is kept twice and disagrees, and nodes and edges that are where they cannot be. It reads a page
of nodes at a time, without a lock. A call may be changing a node meanwhile, so the check reads every suspect node once
more before it reports it. A repair does so under the locks of the node's visitor.

Some nodes have millions of edges, so a page that takes too long is read in smaller pages, down to a single node. A visitor
that takes too long alone is read by its jars, in several transactions. What still takes too long is a finding of its own
(`NOT_CHECKED`), and the check goes on behind it.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, cast

from graph.acts import adopt, audit, refold
from graph.database import Database
from graph.errors import GraphTimeout, Overtaken
from graph.model import Change
from graph.rules import consistency as rules
from graph.rules import relationships as weighing
from graph.rules.candidates import OPEN, Resemblance, SharedAddress, first_day
from graph.rules.consistency import REPAIRABLE, TORN, Finding, Kind, Related
from graph.rules.derived import Derived
from graph.rules.policy import Policy
from graph.rules.relationships import Source
from graph.rules.times import END
from graph.store import consistency as store
from graph.store import erase as erased
from graph.store import link as links
from graph.store import messages, users, visitors
from graph.transaction import Rung, Transaction

CALL = "repair"
#: Kinds that a repair corrects by weighing the relationships of a visitor's merge group anew.
RELATIONSHIPS = frozenset(
    {
        Kind.RELATIONSHIP_RECORDS,
        Kind.RELATIONSHIP_FIGURES,
        Kind.RELATIONSHIP_VERIFIED,
        Kind.RELATIONSHIP_VISIBLE,
    }
)
#: Kinds that a repair corrects by writing the candidates of a visitor anew.
CANDIDATES = frozenset({Kind.CANDIDATE_ENDS, Kind.CANDIDATE_STATE, Kind.CANDIDATE_FIGURES})
#: Nodes in a transaction. Reading 500 events took 0.1 s, 500 visitors with their relationships 0.75 s.
PAGE = 500
#: Jars in a transaction, of a visitor that is read in parts. Each part looks at the ids of all jars, and 10,000 jars took 2 s.
JARS = 5000
#: The longest time to read a page, in seconds: longer than a request, and well below the lease of a job. The job renews its
#: lease after each page. A page that takes longer is read in smaller ones.
PAGE_SECONDS = 30.0
#: The longest search for nodes without a tenant, in seconds: it reads the nodes of each label in turn.
WHOLE_DATABASE_SECONDS = 3600.0
#: The most findings in an answer; further findings are counted only.
LISTED_MAX = 1000


@dataclass(frozen=True)
class Check:
    """Settings of a check: the policy, the time, and who runs it (`key:ID`, `job:consistency`).

    `is_repairing` says that the check also repairs what can be repaired. `scope` is what it looks at: by default `LOOKS`.
    """

    policy: Policy
    is_repairing: bool
    at: datetime
    actor: str
    new_id: Callable[[], str]
    scope: "Scope" = field(default_factory=lambda: Scope(LOOKS, write, CALL, "chg"))


@dataclass(frozen=True)
class Checkpoint:
    """Where a check goes on: among the nodes of a name in `LOOKS`, from an id on.

    `checked` and `kinds` are what it had counted before, by name and by kind, and `repaired` how many of the findings it
    had repaired.
    """

    name: str
    first: str
    checked: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    repaired: int = 0


@dataclass
class Report:
    """Result of a check: the number of nodes checked, by name in `LOOKS`, and the findings.

    A node that could not be checked is a finding (`NOT_CHECKED`), and is not among those checked.

    `findings` has at most `LISTED_MAX` findings; `kinds` counts all of them by kind. `left` counts the findings that were
    not repaired. `goes_on` is where the check goes on after the pages that it has read; None if it is through.
    """

    checked: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(LOOKS, 0)))
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter[Kind] = field(default_factory=Counter)
    left: int = 0
    goes_on: Checkpoint | None = None

    @classmethod
    def of(cls, looks: "Mapping[str, Look]") -> "Report":
        """Return the report of a check that has not begun, by the names of what it looks at."""
        return cls(checked=Counter(dict.fromkeys(looks, 0)))

    @classmethod
    def after(cls, place: Checkpoint, looks: "Mapping[str, Look] | None" = None) -> "Report":
        """Return the report of a check that goes on there, with what was counted before.

        A check begins anew if this release has no nodes of that name. `looks` are those of the check: `LOOKS` without any.
        """
        names = LOOKS if looks is None else looks
        report = cls.of(names)
        if place.name in names:
            report.kinds, report.goes_on = Counter(place.kinds), place
            report.left = report.kinds.total() - place.repaired
            report.checked.update(place.checked)
        return report

    def at(self, place: Checkpoint) -> Checkpoint:
        """Return a place with what was counted up to it."""
        repaired = self.kinds.total() - self.left
        return replace(place, checked=dict(self.checked), kinds=dict(self.kinds), repaired=repaired)

    @property
    def findings_left_out(self) -> int:
        """The number of findings that are counted and not listed."""
        return self.kinds.total() - len(self.findings)

    @property
    def not_checked(self) -> int:
        """The number of nodes that took too long to read."""
        return self.kinds[Kind.NOT_CHECKED]

    @property
    def passed(self) -> int:
        """The number of nodes that the check is through with, checked or not."""
        return self.checked.total() + self.not_checked

    def add(self, findings: Sequence[Finding]) -> None:
        """Count the findings, and list them while there are fewer than `LISTED_MAX`."""
        self.kinds.update(finding.kind for finding in findings)
        self.left += sum(not finding.repaired for finding in findings)
        self.findings += findings[: LISTED_MAX - len(self.findings)]


@dataclass(frozen=True)
class Looked:
    """A checked node with its findings, and the visitor or the user whose lock a repair of the node takes.

    `is_fat` says that reading it takes too long for one transaction.
    """

    id: str
    visitor_id: str | None
    findings: Sequence[Finding]
    is_fat: bool = False
    user_id: str | None = None


#: Reads and checks nodes in the order of their ids: at most a given number of them, from a given id on.
Look = Callable[[Transaction, Policy, str, int], list[Looked]]


@dataclass(frozen=True)
class Scope:
    """What a check looks at, name by name in the order in which it runs, and how it repairs what it finds.

    `act` is what the audit trail calls such a repair. The ids of its changes begin with `change_id`.
    """

    looks: Mapping[str, Look]
    write: Callable[[Transaction, Check, Looked], None]
    act: str
    change_id: str


def act(
    database: Database,
    check: Check,
    progress: Callable[[int], None] = lambda _: None,
    report: Report | None = None,
    *,
    limit: int | None = None,
) -> Report:
    """Check a tenant's graph: all of it, or `limit` nodes.

    `progress` is called after each page and after each suspect node, with the number of nodes checked so far. `report` is
    filled while the check runs, so that it has the findings so far if `progress` stops the check by raising. The check
    goes on where the report says.
    """
    report = report or Report()
    place = report.goes_on or Checkpoint(next(iter(check.scope.looks)), "")
    before, size = report.passed, PAGE

    def alive() -> None:
        progress(report.checked.total())

    while True:
        room = size if limit is None else min(size, before + limit - report.passed)
        if room <= 0:
            return report
        page, is_last, asked = _page(database, check, place, room, alive)
        size = min(PAGE, 2 * asked) if asked < room else min(PAGE, 2 * size)
        for node in page:
            findings = _recheck(database, check, place.name, node, alive) if node.findings else ()
            report.checked[place.name] += not any(finding.kind is Kind.NOT_CHECKED for finding in findings)
            if node.findings:
                report.add(findings)
                alive()
        following = _following(list(check.scope.looks), place, page, is_last=is_last)
        report.goes_on = following and report.at(following)
        alive()
        if following is None:
            return report
        place = following


def without_tenant(database: Database, report: Report) -> None:
    """Search the whole database for nodes without a tenant. This is for the operator, never for a tenant."""
    untenanted = database.read_within(WHOLE_DATABASE_SECONDS, store.without_tenant, limit=LISTED_MAX)
    report.add(
        [
            Finding(Kind.WITHOUT_TENANT, {"label": node.label, "id": node.id or ""}, "it has no tenant")
            for node in untenanted
        ]
    )


def _page(
    database: Database, check: Check, place: Checkpoint, limit: int, alive: Callable[[], None]
) -> tuple[list[Looked], bool, int]:
    """Read nodes from a place on, at most `limit`; say whether they are the last of their name, and how many were asked for.

    A page that takes too long is read in smaller ones, down to a single node. `alive` is called after each transaction.
    """
    while True:
        try:
            page = database.read_within(PAGE_SECONDS, check.scope.looks[place.name], check.policy, place.first, limit)
        except GraphTimeout:
            alive()
            if limit == 1:
                fat = database.read_within(PAGE_SECONDS, store.following, name=place.name, first=place.first)
                return [_alone(database, check, place.name, node.id, alive) for node in fat], not fat, limit
            limit = max(1, limit // 8)
        else:
            return page, len(page) < limit, limit


def _following(names: Sequence[str], place: Checkpoint, page: Sequence[Looked], *, is_last: bool) -> Checkpoint | None:
    """Return the place after a page; None after the last one."""
    if not is_last:
        # An id followed by the least character is the next possible id: no text lies between the two.
        return Checkpoint(place.name, page[-1].id + "\0")
    further = names[names.index(place.name) + 1 :]
    return Checkpoint(further[0], "") if further else None


def _alone(database: Database, check: Check, name: str, node_id: str, alive: Callable[[], None]) -> Looked:
    """Read a node that takes too long in one transaction: in several, where it has parts to read one after the other."""
    with contextlib.suppress(GraphTimeout):
        if name in IN_PARTS:
            return IN_PARTS[name](database, check.policy, node_id, alive)
    detail = f"it takes longer to read than {PAGE_SECONDS:g} s"
    return Looked(node_id, None, [Finding(Kind.NOT_CHECKED, {ID_NAMES[name]: node_id}, detail)], is_fat=True)


def _recheck(
    database: Database, check: Check, name: str, suspect: Looked, alive: Callable[[], None]
) -> Sequence[Finding]:
    read_nodes = check.scope.looks[name]
    if not suspect.is_fat:
        with contextlib.suppress(GraphTimeout):
            if check.is_repairing and any(finding.kind in REPAIRABLE for finding in suspect.findings):
                return database.write_within(PAGE_SECONDS, _repair, check, read_nodes, suspect)
        with contextlib.suppress(GraphTimeout):
            return database.read_within(PAGE_SECONDS, _read_node, check.policy, read_nodes, suspect.id).findings
    if any(finding.kind is Kind.NOT_CHECKED for finding in suspect.findings):
        return suspect.findings
    return _alone(database, check, name, suspect.id, alive).findings


def _read_node(tx: Transaction, policy: Policy, read_nodes: Look, node_id: str) -> Looked:
    nodes = read_nodes(tx, policy, node_id, 1)
    return nodes[0] if nodes and nodes[0].id == node_id else Looked(node_id, None, ())


def _repair(tx: Transaction, check: Check, read_nodes: Look, suspect: Looked) -> Sequence[Finding]:
    """Write what follows from a node's other facts, unless these contradict each other."""
    _lock(tx, suspect)
    now = _read_node(tx, check.policy, read_nodes, suspect.id)
    if now.visitor_id != suspect.visitor_id:
        raise Overtaken("it went to another visitor just now")
    kinds = {finding.kind for finding in now.findings}
    if not _is_locked(tx, now) or not kinds & REPAIRABLE or kinds & TORN:
        return now.findings
    tx = tx.making(Change(f"{check.scope.change_id}_{check.new_id()}", check.at, check.actor))
    check.scope.write(tx, check, now)
    left = {finding.place for finding in _read_node(tx, check.policy, read_nodes, suspect.id).findings}
    findings = [replace(finding, repaired=finding.place not in left) for finding in now.findings]
    repaired = [finding for finding in findings if finding.repaired]
    if repaired:
        subject = f"visitor:{now.visitor_id}" if now.visitor_id else f"user:{now.user_id}"
        audit.record(tx, _trace(tx.change, subject, repaired, check.scope.act))
    return findings


def _lock(tx: Transaction, suspect: Looked) -> None:
    """Lock the merge group of a node, with those of the visitors that are its candidates, or the users linked with it."""
    if suspect.visitor_id:
        visitors.lock_group(tx, sorted({suspect.visitor_id, *_others(suspect)}))
    elif suspect.user_id:
        links.lock(tx, links.at(tx, [suspect.user_id], at=END).users)


def _others(node: Looked) -> set[str]:
    """Return the visitors at the other ends of a visitor's candidates, where these are wrong."""
    return {
        finding.ids["otherId"] for finding in node.findings if finding.kind in CANDIDATES and "otherId" in finding.ids
    }


def _is_locked(tx: Transaction, node: Looked) -> bool:
    """Whether what a repair of the node writes is locked. A user to whom nothing is joined is nobody, and is not."""
    if node.visitor_id is not None:
        return tx.locks.holds(Rung.VISITOR, node.visitor_id, *_others(node))
    return node.user_id is not None and tx.locks.holds(Rung.USER, node.user_id)


def write(tx: Transaction, check: Check, node: Looked) -> None:
    """Write what the findings about a node say is due, under its visitor's lock."""
    for finding in node.findings:
        if finding.kind in {Kind.VISITOR_ROOT, Kind.VISITOR_JARS, Kind.VISITOR_LATEST_TENURE, Kind.VISITOR_NUMBERS}:
            visitors.write(tx, visitor_id=node.id, numbers=finding.due)
            # A damaged root_id led to the wrong merge group, so the visitor's own is locked only now.
            visitors.lock_group(tx, [node.id])
        elif finding.kind is Kind.TENURE_COUNT:
            store.write_tenure(tx, tenure_id=node.id, numbers=finding.due)
        elif finding.kind is Kind.SESSION_COUNT:
            store.write_session(tx, session_id=node.id, numbers=finding.due)
        elif finding.kind is Kind.ADOPTION:
            adopt.choose_again(tx, [finding.ids["tenureId"]], at=check.at)
        elif finding.kind is Kind.LINKED_ID:
            tx.locks.require(Rung.USER, links.at(tx, [node.id], at=END).users, "another user was linked just now")
            links.write(tx, {node.id: cast("str | None", finding.due["linked_id"])})
    kinds = {finding.kind for finding in node.findings}
    if kinds & CANDIDATES:
        _write_candidates(tx, node.id, _others(node))
    if kinds & RELATIONSHIPS:
        _write_relationships(tx, check, node)


def _write_candidates(tx: Transaction, visitor_id: str, others: Collection[str]) -> None:
    """Leave a visitor one candidate with each of these others, with what is due of it, and none with what cannot have one."""
    [visitor] = store.visitors(tx, first=visitor_id, limit=1)
    rows: list[Mapping[str, object]] = []
    for other_id, kept in rules.beside(visitor_id, _kept_candidates(visitor)).items():
        if other_id is not None and other_id not in others:
            # It is right, and its other end is not locked.
            continue
        edge = rules.surest_kept(kept)
        confidence, first_seen = edge.due or (edge.confidence, edge.first_seen)
        rows.append(
            {
                "visitor_id": visitor_id,
                "other_id": other_id or "",
                "is_kept": other_id not in {None, visitor_id} and not edge.is_emptied,
                "candidate_id": rules.candidate_key(visitor_id, other_id or ""),
                "state": edge.state if edge.is_decided else OPEN,
                "decided_at": edge.decided_at if edge.is_decided else None,
                "change_id": edge.change_id if edge.is_decided else None,
                "confidence": confidence,
                "first_seen": first_seen,
            }
        )
    store.write_candidates(tx, rows)


def _kept_candidates(visitor: store.CheckedVisitor) -> list[rules.KeptCandidate]:
    return [
        rules.KeptCandidate(
            **{each.name: getattr(edge, each.name) for each in fields(rules.CandidateEdge)},
            is_keyed=edge.is_tenants and edge.candidate_id == rules.candidate_key(visitor.id, edge.other_id or ""),
            due=_due(edge),
        )
        for edge in visitor.candidates
    ]


def _due(edge: store.CheckedCandidate) -> tuple[float, datetime] | None:
    """Return the confidence and the first day of a candidate, as its evidence gives them; None if it cannot be read."""
    with contextlib.suppress(Exception):
        addresses = messages.recall(edge.addresses or "", tuple[SharedAddress, ...])
        arithmetic = messages.recall(edge.arithmetic or "", dict[str, float])
        return Resemblance(arithmetic, addresses, is_same_class=False).confidence, first_day(addresses)
    return None


def _write_relationships(tx: Transaction, check: Check, visitor: Looked) -> None:
    """Recount the observed records of a visitor, fold them with those of its merge group, and write the result.

    Only the users whose records differ from the count are recounted. Nothing is written if an edge of the merge group
    cannot be rebuilt, or if a visitor of it is not locked because its `root_id` is damaged; a later repair does it.
    """
    survivor = visitors.survivors(tx, [visitor.id])[visitor.id]
    edges = store.relationships(tx, [survivor])[0].edges
    if not tx.locks.holds(Rung.VISITOR, survivor, *(edge.visitor_id for edge in edges)):
        return
    recounted = {finding.ids["userId"] for finding in visitor.findings if finding.kind is Kind.RELATIONSHIP_RECORDS}
    if not all(_can_be_rebuilt(edge, recounted if edge.visitor_id == visitor.id else set()) for edge in edges):
        return
    user_ids = sorted(recounted | {edge.user_id for edge in edges})
    users.lock(tx, [(user_id, f"usr_{check.new_id()}") for user_id in user_ids], check.at)
    observed = visitors.observed(tx, [visitor.id])[visitor.id].records
    groups = [
        weighing.Group(
            user_id,
            survivor,
            {edge.visitor_id: edge.records for edge in edges if edge.user_id == user_id},
            frozenset(edge.visitor_id for edge in edges if edge.user_id == user_id and edge.is_hidden),
        )
        for user_id in user_ids
    ]
    counted = [group.observing(visitor.id, observed) if group.user_id in recounted else group for group in groups]
    refold.write(tx, counted, check.policy)


def _can_be_rebuilt(edge: rules.KeptRelationship, recounted: Collection[str]) -> bool:
    """Whether an edge's keys are valid and each torn record of it can be recounted; a record of statements never can."""
    return edge.is_keyed and (not edge.torn or (edge.user_id in recounted and Source.STATED not in edge.torn))


def _trace(change: Change, subject: str, repaired: Sequence[Finding], act: str) -> audit.Trace:
    named = [user_id for finding in repaired for user_id in (finding.ids.get("userId"), *_owners(finding))]
    user_subjects = {f"user:{user_id}" for user_id in named if user_id}
    return audit.Trace(
        change,
        subjects=(subject, *sorted(user_subjects - {subject})),
        act=act,
        before={"findings": [{"kind": finding.kind, "ids": finding.ids, "says": finding.says} for finding in repaired]},
        after={"findings": [{"kind": finding.kind, "ids": finding.ids, "says": finding.due} for finding in repaired]},
    )


def _owners(finding: Finding) -> list[str]:
    """Return whose something was, and whose it is after a repair."""
    return [str(properties["user_id"]) for properties in (finding.says, finding.due) if properties.get("user_id")]


@dataclass(frozen=True)
class ObservedVisitor:
    """A visitor with what it keeps, and what was observed on its jars; `observed` is None if it was erased meanwhile.

    `leaving` are the users who are being erased.
    """

    kept: store.CheckedVisitor
    related: Related | None
    observed: Derived | None
    leaving: Collection[str] = ()


def observed_visitors(tx: Transaction, first: str, limit: int) -> list[ObservedVisitor]:
    """Return a page of visitors by their ids, from an id on."""
    leaving = erased.leaving(tx)
    page = _kept(tx, first, limit)
    observed = visitors.observed(tx, [visitor.id for visitor, _ in page])
    return [ObservedVisitor(visitor, related, observed.get(visitor.id), leaving) for visitor, related in page]


def visitor_findings(visitor: ObservedVisitor, policy: Policy) -> list[Finding]:
    """Return what is wrong with a visitor's numbers, merges and relationships."""
    return list(_visitor_findings(visitor.kept, visitor.related, visitor.observed, policy, visitor.leaving))


def _visitors(tx: Transaction, policy: Policy, first: str, limit: int) -> list[Looked]:
    return [
        Looked(visitor.kept.id, visitor.kept.id, visitor_findings(visitor, policy))
        for visitor in observed_visitors(tx, first, limit)
    ]


def _visitor_in_parts(database: Database, policy: Policy, visitor_id: str, alive: Callable[[], None]) -> Looked:
    """Check a visitor with so many jars that one transaction cannot read them; none of its findings is repaired.

    Whatever is observed on a jar changes what the visitor keeps in the same transaction. So a finding holds if it follows
    from what the visitor kept before the jars were read, and also from what it kept after.
    """
    leaving = database.read(erased.leaving)
    before = database.read_within(PAGE_SECONDS, _kept, visitor_id, 1)
    observed = _observed_in_parts(database, visitor_id, alive)
    after = database.read_within(PAGE_SECONDS, _kept, visitor_id, 1)
    [found, still] = [
        {
            finding.place: finding
            for visitor, related in kept
            if visitor.id == visitor_id
            for finding in _visitor_findings(visitor, related, observed, policy, leaving)
        }
        for kept in (before, after)
    ]
    if [visitor.last_seen for visitor, _ in before] != [visitor.last_seen for visitor, _ in after]:
        # The tenures were read one after the other, and some were used meanwhile.
        found = {place: finding for place, finding in found.items() if finding.kind is not Kind.VISITOR_LATEST_TENURE}
    holds = [finding for place, finding in found.items() if finding == still.get(place)]
    return Looked(visitor_id, visitor_id, holds, is_fat=True)


def _observed_in_parts(database: Database, visitor_id: str, alive: Callable[[], None]) -> Derived | None:
    """Return what was observed on a visitor's jars, read by a page of them a transaction; None without the visitor."""
    parts: list[Derived] = []
    after: str | None = ""
    size = JARS
    while after is not None:
        try:
            part, after = database.read_within(PAGE_SECONDS, visitors.observed_on, visitor_id, after, size)
        except GraphTimeout:
            if size == 1:
                raise
            size = max(1, size // 8)
        else:
            parts += [part] if part else []
            size = min(JARS, 2 * size)
        alive()
    return Derived.joined(parts) if parts else None


def _kept(tx: Transaction, first: str, limit: int) -> list[tuple[store.CheckedVisitor, Related | None]]:
    """Return a page of visitors with the numbers and relationships that each keeps."""
    page = store.visitors(tx, first=first, limit=limit)
    related = {row.visitor_id: row for row in store.relationships(tx, [visitor.id for visitor in page])}
    return [(visitor, related.get(visitor.id)) for visitor in page]


def _visitor_findings(
    visitor: store.CheckedVisitor,
    related: Related | None,
    observed: Derived | None,
    policy: Policy,
    leaving: Collection[str],
) -> Iterator[Finding]:
    if related is None or observed is None:
        # The visitor was erased between two statements.
        return
    yield from _number_findings(visitor, observed)
    yield from rules.related(related, observed.records, policy, leaving)


def _number_findings(visitor: store.CheckedVisitor, observed: Derived) -> Iterator[Finding]:
    ids = {"visitorId": visitor.id}
    if visitor.roots and visitor.root_id not in visitor.roots:
        yield from rules.difference(Kind.VISITOR_ROOT, ids, {"root_id": visitor.root_id}, {"root_id": visitor.roots[0]})
    yield from rules.difference(
        Kind.VISITOR_JARS, ids, {"known_jars": visitor.known_jars}, {"known_jars": observed.known_jars}
    )
    if visitor.latest_tenure_id not in observed.latest_tenure_ids:
        says = {"latest_tenure_id": visitor.latest_tenure_id}
        due = {"latest_tenure_id": observed.latest_tenure_id}
        yield from rules.difference(Kind.VISITOR_LATEST_TENURE, ids, says, due)
    if not visitor.has_own_jar:
        yield Finding(Kind.FIRST_JAR, ids, "all its jars are only probably its own, its first one too")
    if visitor.merges > 1:
        yield Finding(Kind.SEVERAL_MERGES, ids, f"it is merged into {visitor.merges} visitors at once")
    if visitor.is_circle:
        yield Finding(Kind.MERGE_CIRCLE, ids, "it is merged into itself, by way of others")
    yield from rules.may_be(visitor.id, _kept_candidates(visitor))
    yield from _stranger_findings(ids, visitor.strangers)


def _jars(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.jars(tx, first=first, limit=limit)
    return [Looked(jar.id, None, list(_jar_findings(jar))) for jar in page]


def _jar_findings(jar: store.CheckedJar) -> Iterator[Finding]:
    ids = {"jarId": jar.id}
    if jar.was_visited and jar.visitors == 0:
        yield Finding(Kind.JAR_WITHOUT_VISITOR, ids, "it has sessions and is in no visitor")
    if jar.visitors > 1:
        yield Finding(Kind.SEVERAL_VISITORS, ids, f"it is in {jar.visitors} visitors at once")
    yield from _several(ids, jar.current, "current tenures")
    yield from _stranger_findings(ids, jar.strangers)


def _tenures(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.tenures(tx, first=first, limit=limit)
    return [Looked(tenure.id, tenure.visitor_id, list(_tenure_findings(tenure))) for tenure in page]


def _tenure_findings(tenure: store.CheckedTenure) -> Iterator[Finding]:
    ids = {"tenureId": tenure.id}
    says = {"sessions": tenure.sessions, "events": tenure.events}
    due = {"sessions": tenure.sessions_due, "events": tenure.events_due}
    yield from rules.difference(Kind.TENURE_COUNT, ids, says, due)
    if tenure.jars == 0:
        yield Finding(Kind.TENURE_WITHOUT_JAR, ids, "it is on no jar")
    yield from _several(ids, tenure.jars, "jars")
    if tenure.is_claim_elsewhere:
        yield Finding(Kind.CLAIM_SESSION, ids, "the session of its claim is not in it")
    if tenure.ties > 1:
        yield Finding(Kind.SEVERAL_TIES, ids, f"it is tied to {tenure.ties} tenures at once")
    if tenure.is_circle:
        yield Finding(Kind.TIE_CIRCLE, ids, "it is tied to itself, by way of others")
    if tenure.resolutions > 1:
        yield Finding(Kind.SEVERAL_USERS, ids, f"it resolves to {tenure.resolutions} users at once")
    else:
        yield from rules.adoption(ids, tenure.id, tenure.held, tenure.rival)
    yield from _stranger_findings(ids, tenure.strangers)


def _sessions(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.sessions(tx, first=first, limit=limit)
    return [Looked(session.id, session.visitor_id, list(_session_findings(session))) for session in page]


def _session_findings(session: store.CheckedSession) -> Iterator[Finding]:
    ids = {"sessionId": session.id}
    yield from rules.difference(Kind.SESSION_COUNT, ids, {"events": session.events}, {"events": session.events_due})
    if session.tenures == 0:
        yield Finding(Kind.SESSION_WITHOUT_TENURE, ids, "it was in no tenure")
    yield from _several(ids, session.tenures, "tenures")
    yield from _stranger_findings(ids, session.strangers)


def _events(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.events(tx, first=first, limit=limit)
    return [Looked(event.id, None, list(_event_findings(event))) for event in page]


def _event_findings(event: store.CheckedEvent) -> Iterator[Finding]:
    ids = {"eventId": event.id}
    if event.sessions == 0:
        yield Finding(Kind.EVENT_WITHOUT_SESSION, ids, "no session recorded it")
    yield from _several(ids, event.sessions, "sessions")
    if not event.is_of_tenure:
        yield Finding(Kind.EVENT_TENURE, ids, "the tenure that it names is not its session's")
    yield from _stranger_findings(ids, event.strangers)


def _several(ids: Mapping[str, str], wholes: int, name: str) -> Iterator[Finding]:
    """Yield a finding for a node with more than one of what each has one of; `name` is theirs."""
    if wholes > 1:
        yield Finding(Kind.SEVERAL_WHOLES, ids, f"it has {wholes} {name} at once")


def _users(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.users(tx, first=first, limit=limit)
    linked = [user.id for user in page if user.is_linked]
    due = links.at(tx, linked, at=END).linked_ids() if linked else {}
    return [Looked(user.id, None, list(_user_findings(user, due.get(user.id))), user_id=user.id) for user in page]


def _user_findings(user: store.CheckedUser, due: str | None) -> Iterator[Finding]:
    ids = {"userId": user.id}
    yield from rules.difference(Kind.LINKED_ID, ids, {"linked_id": user.linked_id}, {"linked_id": due})
    yield from _stranger_findings(ids, user.strangers)


class _Nodes(Protocol):
    """A query that reads a page of nodes."""

    def __call__(self, tx: Transaction, *, first: str, limit: int) -> list[store.CheckedNode]: ...


def _only_strangers(read: _Nodes, name: str) -> Look:
    """Return a check of nodes that looks only for edges to another tenant's nodes; `name` is theirs in `LOOKS`."""

    def read_nodes(tx: Transaction, _policy: Policy, first: str, limit: int) -> list[Looked]:
        page = read(tx, first=first, limit=limit)
        return [
            Looked(node.id, None, list(_stranger_findings({ID_NAMES[name]: node.id}, node.strangers))) for node in page
        ]

    return read_nodes


def _stranger_findings(ids: Mapping[str, str], types: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each type of edge to another tenant's nodes, without naming those nodes."""
    for kind, count in sorted(Counter(types).items()):
        detail = (
            f"{kind} joins it to another tenant's, {count} times"
            if count > 1
            else f"{kind} joins it to another tenant's"
        )
        yield Finding(Kind.ANOTHER_TENANTS, {**ids, "type": kind}, detail)


#: The checks in the order in which they run: a node that keeps counts comes after the nodes that it counts.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "events": _events,
        "sessions": _sessions,
        "tenures": _tenures,
        "jars": _jars,
        "visitors": _visitors,
        "users": _users,
        "fingerprints": _only_strangers(store.fingerprints, "fingerprints"),
        "addresses": _only_strangers(store.addresses, "addresses"),
    }
)
#: The key of a node's id in a finding.
ID_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "events": "eventId",
        "sessions": "sessionId",
        "tenures": "tenureId",
        "jars": "jarId",
        "visitors": "visitorId",
        "users": "userId",
        "fingerprints": "fingerprint",
        "addresses": "address",
        "groups": "visitorId",
    }
)
#: Checks of a single node that read it in several transactions. Other nodes have few edges that are read.
IN_PARTS: Mapping[str, Callable[[Database, Policy, str, Callable[[], None]], Looked]] = MappingProxyType(
    {"visitors": _visitor_in_parts}
)
