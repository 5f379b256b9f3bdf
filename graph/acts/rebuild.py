"""Rebuild what follows from a tenant's recorded facts: compare it with the graph, and make the graph so where it differs.

A rebuild runs as the check of consistency does: page by page, without a lock, and each suspect is read once more. With
`is_repairing` it corrects a merge group under the group's locks, in a transaction of its own. So it runs beside calls.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import cast

from graph.acts import consistency, settle, weigh
from graph.acts import propagate as carrying
from graph.acts.consistency import Check, Checkpoint, Look, Looked, ObservedVisitor, Report, Scope
from graph.acts.identify import Identified
from graph.acts.init import Initiated
from graph.database import Database
from graph.model import Evidence, Method
from graph.rules import propagation, times, weighing
from graph.rules import rebuilding as rules
from graph.rules.consistency import Finding, Kind, difference
from graph.rules.policy import Policy
from graph.rules.probable import Link
from graph.rules.propagation import Neighbour, Reached
from graph.rules.rebuilding import CarriedLogin, GroupFacts, KeptTenure, UnmatchedVisit
from graph.store import init, messages, propagate, users, visitors
from graph.store import rebuild as store
from graph.transaction import Rung, Transaction

#: What the audit trail calls a correction.
ACT = "rebuild"


@dataclass(frozen=True)
class Restorable:
    """An inference that a visit's recorded match says, and that the graph has lost."""

    tenure_id: str
    identity_id: str
    visit: UnmatchedVisit


@dataclass(frozen=True)
class Uncarried:
    """A login whose inferences the graph has lost: its tenure, the tenures that it reaches, and what its user has already."""

    user_id: str
    claim: str
    login: CarriedLogin
    reached: Sequence[Reached]
    inferred: Sequence[Link]


@dataclass(frozen=True)
class Unfinished:
    """Where a rebuild goes on that was cut off, whether it corrects, and what the ids of its changes begin with."""

    place: Checkpoint
    is_applying: bool
    change_id: str


@dataclass
class Rebuild:
    """A rebuild of a tenant's graph, from its start or from where an earlier one was cut off; it is run once.

    `is_applying` says that it corrects what it finds. The ids of its changes begin with `change_id`.
    """

    policy: Policy
    at: datetime
    actor: str
    new_id: Callable[[], str]
    is_applying: bool
    change_id: str
    report: Report = field(default_factory=lambda: Report.of(LOOKS))

    def go_on(self, unfinished: str | None) -> bool:
        """Go on where another one was cut off, as `place` told it; return False if that was of another kind.

        Text of another release is none.
        """
        with suppress(Exception):
            found = messages.recall(unfinished or "", Unfinished)
            if found.is_applying == self.is_applying and found.place.name in LOOKS:
                self.change_id, self.report = found.change_id, Report.after(found.place, LOOKS)
                return True
        return False

    @property
    def place(self) -> str | None:
        """Where the rebuild goes on, as text; None before its first page and after its last."""
        goes_on = self.report.goes_on
        return messages.keep(Unfinished(goes_on, self.is_applying, self.change_id)) if goes_on else None

    def act(self, database: Database, progress: Callable[[int], None] = lambda _: None) -> Report:
        """Compare the graph with what follows from its facts, and correct it if that is asked for.

        `progress` is called after each page and each suspect, with how many nodes were read so far.
        """
        scope = Scope(LOOKS, _write, ACT, self.change_id)
        check = Check(self.policy, self.is_applying, self.at, self.actor, self.new_id, scope)
        return consistency.act(database, check, progress, self.report)


def _tenures(tx: Transaction, policy: Policy, first: str, limit: int) -> list[Looked]:
    """Check the tenures' counts and facts; what they adopted is computed for a whole merge group."""
    return [
        replace(node, findings=[finding for finding in node.findings if finding.kind is not Kind.ADOPTION])
        for node in consistency.LOOKS["tenures"](tx, policy, first, limit)
    ]


def _visitors(tx: Transaction, policy: Policy, first: str, limit: int) -> list[Looked]:
    """Check the visitors' numbers and relationships, and what else follows from what was observed on their jars."""
    return [
        Looked(
            visitor.kept.id,
            visitor.kept.id,
            [*consistency.visitor_findings(visitor, policy), *_number_findings(visitor, policy)],
        )
        for visitor in consistency.observed_visitors(tx, first, limit)
    ]


def _number_findings(visitor: ObservedVisitor, policy: Policy) -> Iterator[Finding]:
    kept, observed = visitor.kept, visitor.observed
    if observed is not None:
        says = {
            "first_seen": _time(kept.first_seen),
            "last_seen": _time(kept.last_seen),
            "machines": kept.machines,
        }
        numbers = observed.numbers(policy)
        due = {name: numbers[name] for name in says}
        yield from difference(Kind.VISITOR_NUMBERS, {"visitorId": kept.id}, says, due)


def _time(since_1970: int | None) -> datetime | None:
    return None if since_1970 is None else times.of_milliseconds(since_1970)


def _groups(tx: Transaction, policy: Policy, first: str, limit: int) -> list[Looked]:
    page = store.groups(tx, first=first, limit=limit)
    lost = _lost(tx, page)
    return [
        Looked(
            group.id,
            group.id,
            # A tenure that is torn is a finding of its own, and nothing follows then.
            [] if rules.is_torn(group.tenures) else list(_all_findings(tx, group, lost.get(group.id, ()), policy)),
        )
        for group in page
    ]


def _all_findings(tx: Transaction, group: GroupFacts, lost: Sequence[Restorable], policy: Policy) -> Iterator[Finding]:
    yield from _group_findings(group, policy)
    yield from _lost_findings(lost)
    yield from _turn_findings(tx, group, policy)
    yield from _uncarried_findings(_uncarried(tx, group, policy))


def _group_findings(group: GroupFacts, policy: Policy) -> Iterator[Finding]:
    yield from rules.adoption_findings(group.tenures)
    for tenure in group.tenures:
        evidence = [weigh.recalled(inference.evidence) for inference in tenure.inferences]
        yield from rules.inference_findings(tenure, evidence, policy)


def _turn_findings(tx: Transaction, group: GroupFacts, policy: Policy) -> Iterator[Finding]:
    for visitor_id in group.browsers:
        for tenure in settle.due(tx, visitor_id, policy).tenures:
            yield Finding(
                Kind.TURN,
                {"visitorId": visitor_id, "tenureId": tenure.tenure_id},
                "it is not whose it would be, had everything arrived in its order",
            )


def _uncarried(tx: Transaction, group: GroupFacts, policy: Policy) -> list[Uncarried]:
    """Return the logins of a group that were answered as carried on to more tenures than have an inference from them."""
    return [
        found
        for tenure in group.tenures
        if tenure.claim is not None
        for login, propagated in _latest_carried(tenure)
        if tenure.carried < propagated
        for found in [_reach(tx, group, tenure, login, policy, lost=propagated - tenure.carried)]
        if found.reached and len(found.inferred) < policy.propagation_max
    ]


def _latest_carried(tenure: KeptTenure) -> list[tuple[CarriedLogin, int]]:
    """Return the login that was carried on last, with the number of tenures; none if none was."""
    counted = [(login, messages.recall(login.answer, Identified).propagated) for login in tenure.logins]
    return sorted(counted, key=lambda found: found[0].at)[-1:]


def _reach(
    tx: Transaction, group: GroupFacts, tenure: KeptTenure, login: CarriedLogin, policy: Policy, *, lost: int
) -> Uncarried:
    """Carry a login on as things are now, hop by hop, and return what it reaches that has no inference to its user.

    `lost` is how many inferences the login's answer counts that do not come from it. Some of them led to its user without it.
    So of those that it reaches now, only the surest count as lost, as many as are left then.
    """
    user_id = tenure.claim.user_id if tenure.claim else ""
    around = carrying.around(at=login.at, received_at=login.received_at, policy=policy)
    neighbours: list[Neighbour] = []
    found = store.Nearby(0, [], [], lost)
    from_ids, seen = [tenure.visitor_id], {tenure.visitor_id}
    for shared_by_max in around.shared_by_max:
        found = store.neighbours(
            tx,
            user_id,
            group.id,
            from_ids,
            weeks=around.weeks,
            crowd=around.crowd,
            shared_by_max=shared_by_max,
            received_at=login.received_at,
        )
        neighbours += found.neighbours
        from_ids = sorted({neighbour.neighbour_id for neighbour in found.neighbours} - seen)
        seen |= set(from_ids)
        if not from_ids or found.leading >= lost:
            break
    near = propagation.near(tenure.visitor_id, neighbours, claimed=(), at=login.at, policy=policy)
    surest = sorted(propagation.surest_each(list(near.values())).values(), key=lambda path: -path.confidence)
    reached = store.uncarried(tx, user_id, surest)[: max(0, lost - found.leading)]
    return Uncarried(user_id, tenure.tenure_id, login, reached, found.inferred)


def _uncarried_findings(uncarried: Sequence[Uncarried]) -> Iterator[Finding]:
    for each in uncarried:
        for path in each.reached:
            ids = {"tenureId": path.tenure_id, "userId": each.user_id, "visitorId": path.visitor_id}
            yield Finding(
                Kind.NOT_CARRIED, ids, f"the login in {each.claim} was carried on to it, and no inference says so"
            )


def _lost(tx: Transaction, groups: Sequence[GroupFacts]) -> dict[str, list[Restorable]]:
    """Return the inferences that the groups have lost, by the groups' ids; none to an identity that is gone."""
    said = {
        group.id: [
            Restorable(tenure.tenure_id, messages.recall(visit.answer, Initiated).identity_id, visit)
            for tenure in group.tenures
            for visit in _first_unmatched(tenure)
        ]
        for group in groups
    }
    known = store.known(tx, sorted({each.identity_id for found in said.values() for each in found}))
    return {
        group_id: [replace(each, identity_id=known[each.identity_id]) for each in found if each.identity_id in known]
        for group_id, found in said.items()
    }


def _first_unmatched(tenure: KeptTenure) -> Sequence[UnmatchedVisit]:
    return sorted(tenure.unmatched, key=lambda visit: visit.started_at)[:1]


def _lost_findings(lost: Sequence[Restorable]) -> Iterator[Finding]:
    for each in lost:
        kinds = [piece.kind for piece in weigh.recalled(each.visit.evidence)]
        yield Finding(
            Kind.INFERENCE_LOST,
            {"tenureId": each.tenure_id, "identityId": each.identity_id},
            f"its visit was matched by {' and '.join(kinds)}, and no inference says so",
        )


def _write(tx: Transaction, check: Check, node: Looked) -> None:
    """Make so what the findings about a node say: visitors are locked before users."""
    reached = {finding.ids["visitorId"] for finding in node.findings if finding.kind is Kind.NOT_CARRIED}
    if reached:
        visitors.lock_group(tx, sorted(reached))
    consistency.write(tx, check, node)
    found: dict[Kind, list[Finding]] = {}
    for finding in node.findings:
        found.setdefault(finding.kind, []).append(finding)
    for visitor_id in sorted({finding.ids["visitorId"] for finding in found.get(Kind.TURN, ())}):
        settle.act(tx, visitor_id, tx.change, check.policy)
    if Kind.INFERENCE_LOST in found:
        _restore(tx, check, node)
    if reached:
        _carry_on(tx, check, node)
    if Kind.INFERENCE_SOURCE in found:
        _let_go(tx, check, found[Kind.INFERENCE_SOURCE])
    if Kind.INFERENCE_FIGURE in found:
        store.rate(tx, rows=[{**_inference(each), **each.due} for each in found[Kind.INFERENCE_FIGURE]])
    closes = [
        *found.get(Kind.INFERENCE_CONTRADICTED, ()),
        *found.get(Kind.INFERENCE_UNFOUNDED, ()),
        # What comes from no login at all has none to let go of.
        *(finding for finding in found.get(Kind.INFERENCE_SOURCE, ()) if not finding.says["claims"]),
    ]
    if closes:
        store.close(tx, rows=[_inference(finding) for finding in closes], at=check.at)


def _carry_on(tx: Transaction, check: Check, group: Looked) -> None:
    """Carry the group's logins on again to the tenures that have lost their inferences, as far as these are locked."""
    [facts] = store.groups(tx, first=group.id, limit=1)
    found = _uncarried(tx, facts, check.policy)
    _lock_users(tx, check, {each.user_id for each in found})
    carrying.carry(
        tx,
        [
            carrying.Carry(
                user_id=each.user_id,
                claim=each.claim,
                reached=[path for path in each.reached if tx.locks.holds(Rung.VISITOR, path.visitor_id)],
                inferred=each.inferred,
                at=each.login.at,
                change=replace(tx.change, at=each.login.received_at),
                policy=check.policy,
            )
            for each in found
        ],
    )


def _lock_users(tx: Transaction, check: Check, user_ids: Collection[str]) -> None:
    users.lock(tx, [(user_id, f"usr_{check.new_id()}") for user_id in sorted(user_ids)], check.at)


def _let_go(tx: Transaction, check: Check, findings: Sequence[Finding]) -> None:
    """Take logins that are gone from the inferences that were carried on from them, under the locks of their users."""
    gone = {(finding.ids["userId"], claim) for finding in findings for claim in _gone(finding)}
    _lock_users(tx, check, {user_id for user_id, _ in gone})
    for user_id, claim in sorted(gone):
        propagate.let_go(tx, user_id=user_id, claim=claim, moved_to=None, at=check.at)


def _gone(finding: Finding) -> list[str]:
    says, due = (set(cast("list[str]", claims["claims"])) for claims in (finding.says, finding.due))
    return sorted(says - due)


def _inference(finding: Finding) -> dict[str, object]:
    return {
        "tenure_id": finding.ids["tenureId"],
        "identity_id": finding.ids["identityId"],
        "evidence": finding.says["evidence"],
    }


def _restore(tx: Transaction, check: Check, group: Looked) -> None:
    """Open the inferences that visits' recorded matches say."""
    page = store.groups(tx, first=group.id, limit=1)
    init.probably(tx, rows=[_restored_row(tx, each, check) for each in _lost(tx, page)[group.id]])


def _restored_row(tx: Transaction, lost: Restorable, check: Check) -> dict[str, object]:
    visit, pieces = lost.visit, weigh.recalled(lost.visit.evidence)
    return {
        "tenure_id": lost.tenure_id,
        "identity_id": lost.identity_id,
        "method": pieces[0].kind,
        "confidence": visit.confidence,
        "evidence": visit.evidence,
        "rests_on": [_rests_on(piece, visit) for piece in pieces],
        "weeks": times.weeks_around([visit.received_at], check.policy.address_weeks),
        "last_seen": max((piece.last_seen for piece in pieces if piece.last_seen), default=visit.started_at),
        "at": visit.started_at,
        "change_id": tx.change.id,
    }


def _rests_on(piece: Evidence, visit: UnmatchedVisit) -> str:
    return weighing.key(
        Method(piece.kind),
        {
            "fingerprint": visit.fingerprint,
            "address": visit.address,
            "browser": visit.browser,
            "os": visit.os,
            "device_class": visit.device_class,
        },
    )


#: What a rebuild looks at, in this order: what is computed of a merge group rests on the visitors' numbers.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "sessions": consistency.LOOKS["sessions"],
        "tenures": _tenures,
        "visitors": _visitors,
        "users": consistency.LOOKS["users"],
        "groups": _groups,
    }
)
