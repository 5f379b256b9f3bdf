"""Find visitors that may be one person's, offer them, and do what somebody decides about them.

A candidate is found by the addresses at which two visitors were on the same days. Nothing follows from it until it is
accepted, which merges the two visitors or links their two users, or refused, which opens a cannot-link between them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.acts import audit, link, merge, reads
from graph.acts.messages import Answer
from graph.database import Database
from graph.errors import NotFound, Overtaken, Refused
from graph.model import Change, NewIds, Standing
from graph.rules import candidates as rules
from graph.rules import times
from graph.rules.candidates import ACCEPTED, OPEN, REFUSED, Meeting, Resemblance, SharedAddress
from graph.rules.policy import Policy
from graph.store import candidates as store
from graph.store import identities, messages, split, visitors
from graph.store import users as known_users
from graph.store.candidates import GroupNow, KnownCandidate, Neighbourhood, Sides, Stay
from graph.transaction import Rung, Transaction

#: The calls that decide about a candidate, as kept with their messages and in the audit trail.
ACCEPT = "accept"
REFUSE = "refuse"
#: How many visitors one transaction looks at. Each may have 30 neighbours at each of its addresses.
BATCH = 50
#: The longest time for a transaction, in seconds: longer than a request, and well below the lease of a job.
SECONDS = 60.0
#: How many addresses of a visitor, and kinds of browsers at an address, are looked at.
PLACES_MAX = 500
#: A visitor with so many sessions within these weeks is nobody's browser.
SESSIONS_MAX = 5_000
_HOURS_A_DAY = 24
#: Sorts after the id of every candidate.
AFTER_ALL = "can_~"

TwoVisitors = tuple[str, str]
#: An address and a week.
PlaceInWeek = tuple[str, str]


@dataclass(frozen=True)
class Offered:
    """A candidate as it is listed: the two visitors or users, what they share, and the arithmetic of the confidence.

    `subjects` are the two users where each visitor belongs to a different one, else the two visitors.
    """

    candidate_id: str
    subjects: tuple[str, str]
    visitor_ids: tuple[str, str]
    state: str
    confidence: float
    addresses: tuple[SharedAddress, ...]
    arithmetic: Mapping[str, float]
    found_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Decide:
    """Somebody accepts or refuses a candidate."""

    candidate_id: str
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class DecidedCandidate(Answer):
    """What became of a candidate.

    `changed` is False if the call merged, linked or refused nothing, since it was so before. `visitor_id` is the
    survivor of the two visitors, and None where they are not one. `merged_id` is the visitor that the call merged into
    it, if it merged any.
    """

    candidate_id: str
    state: str
    subjects: tuple[str, str]
    visitor_id: str | None
    changed: bool
    merged_id: str | None = None


def act(
    database: Database,
    policy: Policy,
    at: datetime,
    progress: Callable[[int, str], None] = lambda _looked_at, _place: None,
    after: str = "",
) -> int:
    """Find the candidates of a tenant, visitor by visitor in the order of their ids; return how many are open.

    `progress` is called after each batch, with how many visitors were looked at and the last one. A run that was cut off
    goes on `after` that one.
    """
    looked_at = is_open = 0
    while True:
        page = database.read_within(SECONDS, store.looked_at, after=after, limit=BATCH)
        if page:
            found, gone = database.read_within(SECONDS, find, page, policy, at)
            if found or gone:
                is_open += database.write_within(SECONDS, keep, found, gone, policy, at)
            looked_at, after = looked_at + len(page), page[-1].visitor_id
            progress(looked_at, after)
        if len(page) < BATCH:
            return is_open


def find(
    tx: Transaction, page: Sequence[store.LookedAt], policy: Policy, at: datetime
) -> tuple[dict[TwoVisitors, Resemblance], list[TwoVisitors]]:
    """Return the candidates of which these visitors are the first, and the known ones of theirs that are none any more."""
    known = store.of_visitors(tx, [one.visitor_id for one in page])
    found = {
        two: resemblance
        for two, resemblance in _alike(tx, page, policy, at).items()
        if resemblance.confidence >= policy.candidate_confidence_min
    }
    offered = _offered(tx, found)
    return {two: found[two] for two in offered}, sorted(known.difference(offered))


def keep(
    tx: Transaction,
    found: Mapping[TwoVisitors, Resemblance],
    gone: Sequence[TwoVisitors],
    policy: Policy,
    at: datetime,
) -> int:
    """Keep those candidates that are so still, under the locks of their visitors, and remove those that are none any more.

    Returns:
        How many of them are open.
    """
    visitors.lock_group(tx, sorted({visitor_id for two in (*found, *gone) for visitor_id in two}))
    offered = {
        two: resemblance
        for two, resemblance in _offered(tx, found).items()
        if resemblance.confidence >= policy.candidate_confidence_min
    }
    store.drop(tx, [*gone, *(two for two in found if two not in offered)])
    rows = [
        {
            "candidate_id": rules.id_of(*two),
            "one_id": two[0],
            "other_id": two[1],
            "confidence": resemblance.confidence,
            "addresses": messages.keep(resemblance.addresses),
            "arithmetic": messages.keep(resemblance.arithmetic),
            "first_seen": rules.first_day(resemblance.addresses),
        }
        for two, resemblance in sorted(offered.items(), key=lambda each: each[0])
    ]
    return store.keep(tx, rows, at=at)


@dataclass(frozen=True)
class WantedCandidates:
    """Which candidates to list: in a state, from a confidence on, after a (confidence, id), and at most so many.

    Without a confidence, the policy's `confidence_min` counts. With `about`, a visitor's id, only those that the visitor's
    merge group is in.
    """

    state: str
    confidence_min: float | None
    after: tuple[float, str] | None
    limit: int
    about: str | None = None


def page(tx: Transaction, wanted: WantedCandidates, policy: Policy) -> list[Offered]:
    """Return candidates, surest first.

    Raises:
        NotFound: There is no such visitor as they should be about.
    """
    after_confidence, after_id = wanted.after or (1.0, AFTER_ALL)
    confidence_min = policy.confidence_min if wanted.confidence_min is None else wanted.confidence_min
    place = store.CandidatesPlace(wanted.state, confidence_min, after_confidence, after_id, wanted.limit)
    if wanted.about is None:
        found = store.page(tx, place)
    else:
        reads.find_visitor(tx, wanted.about)
        found = store.about(tx, wanted.about, place)
    sides = store.sides(tx, [(candidate.one_id, candidate.other_id) for candidate in found])
    whose = _whose(tx, list(sides.values()))
    users = {
        candidate.candidate_id: _visible(tx, _users(sides.get((candidate.one_id, candidate.other_id)), whose))
        for candidate in found
    }
    return [_shown(candidate, users[candidate.candidate_id]) for candidate in found]


def accept(tx: Transaction, command: Decide) -> DecidedCandidate:
    """Merge the two visitors of a candidate, the younger into the older, and the one without a user into the user's.

    If each belongs to another user, the two users are linked instead.

    Raises:
        NotFound: There is no such candidate, or it is hidden.
        Refused: Somebody refused it before, or its visitors must not be merged, or its users not be linked.
    """
    tx = tx.making(command.change)
    candidate, now = _found(tx, command)
    if candidate.state == ACCEPTED:
        return _decided(tx, candidate, now, ACCEPTED, changed=False)
    if candidate.state == REFUSED or now.are_apart:
        raise _otherwise(candidate, REFUSED)
    visitors.lock_group(tx, [candidate.one_id, candidate.other_id])
    candidate, now = _found(tx, command)
    if candidate.state != OPEN or now.are_apart:
        raise Overtaken("somebody decided about the two just now")
    users = _users(now, _whose(tx, [now]))
    if users is not None:
        linked = link.act(tx, link.LinkUsers(*users, change=command.change, policy=command.policy, ids=command.ids))
        _record(tx, command, candidate, ACCEPT, ACCEPTED)
        return replace(_decide(tx, command, candidate, ACCEPTED), changed=linked.changed)
    one, other = _in_order(tx, now)
    merged = merge.act(
        tx,
        merge.Merge(
            visitor_id=other.visitor_id,
            into=one.visitor_id,
            is_forced=False,
            change=command.change,
            policy=command.policy,
            ids=command.ids,
        ),
    )
    _record(tx, command, candidate, ACCEPT, ACCEPTED)
    decided = _decide(tx, command, candidate, ACCEPTED)
    return replace(decided, changed=merged.changed, merged_id=merged.merged_id if merged.changed else None)


def refuse(tx: Transaction, command: Decide) -> DecidedCandidate:
    """Open a cannot-link between the two visitors of a candidate.

    Raises:
        NotFound: There is no such candidate, or it is hidden.
        Refused: Somebody accepted it before, or the two are one by now.
    """
    tx = tx.making(command.change)
    candidate, now = _found(tx, command)
    if candidate.state == REFUSED:
        return _decided(tx, candidate, now, REFUSED, changed=False)
    if candidate.state == ACCEPTED or now.one.visitor_id == now.other.visitor_id:
        raise _otherwise(candidate, ACCEPTED)
    visitors.lock_group(tx, [candidate.one_id, candidate.other_id])
    candidate, now = _found(tx, command)
    if now.one.visitor_id == now.other.visitor_id:
        raise Overtaken("somebody merged the two just now")
    if not now.are_apart:
        split.forbid_visitors(tx, visitor_id=candidate.one_id, other_id=candidate.other_id, at=command.change.at)
    _record(tx, command, candidate, REFUSE, REFUSED)
    return _decide(tx, command, candidate, REFUSED)


def _record(tx: Transaction, command: Decide, candidate: KnownCandidate, act: str, state: str) -> None:
    # The merge or link that it makes has entries of its own, by the change without a suffix.
    trace = audit.Trace(
        replace(command.change, id=f"{command.change.id}_{act}"),
        subjects=(f"visitor:{candidate.one_id}", f"visitor:{candidate.other_id}"),
        act=act,
        before={"candidateId": candidate.candidate_id, "confidence": candidate.confidence},
        after={"candidateId": candidate.candidate_id, "state": state},
    )
    audit.record(tx, trace)


def _decide(tx: Transaction, command: Decide, before: KnownCandidate, state: str) -> DecidedCandidate:
    """Note what was decided, unless somebody else decided while this act waited for its locks."""
    tx.locks.require(Rung.VISITOR, (before.one_id, before.other_id), "a visitor was merged just now")
    candidate, now = _found(tx, command)
    if candidate.state != OPEN:
        raise Overtaken("somebody decided about this candidate just now")
    store.decide(tx, candidate_id=command.candidate_id, state=state, at=command.change.at)
    return _decided(tx, candidate, now, state, changed=True)


def _decided(tx: Transaction, candidate: KnownCandidate, now: Sides, state: str, *, changed: bool) -> DecidedCandidate:
    shown = _shown(candidate, _users(now, _whose(tx, [now])))
    is_one = now.one.visitor_id == now.other.visitor_id
    return DecidedCandidate(
        candidate.candidate_id, state, shown.subjects, now.one.visitor_id if is_one else None, changed
    )


def _found(tx: Transaction, command: Decide) -> tuple[KnownCandidate, Sides]:
    found = store.get.one_or_none(tx, candidate_id=command.candidate_id)
    now = store.sides(tx, [(found.one_id, found.other_id)]) if found is not None else {}
    if found is None or not now or now[found.one_id, found.other_id].is_hidden:
        raise NotFound("there is no such candidate", code="candidate_not_found")
    return found, now[found.one_id, found.other_id]


def _otherwise(candidate: KnownCandidate, state: str) -> Refused:
    return Refused(f"{candidate.candidate_id} was {state} before", code="candidate_decided", reason=state)


def _in_order(tx: Transaction, now: Sides) -> tuple[GroupNow, GroupNow]:
    """Return the merge group that survives a merge, and the other: the user's, else the older one."""
    whose = _whose(tx, [now])

    def rank(group: GroupNow) -> tuple[bool, datetime, str]:
        standing = whose.get(group.tenure_id or "")
        return standing is None or standing.user_id is None, group.first_seen, group.visitor_id

    one, other = sorted((now.one, now.other), key=rank)
    return one, other


def _users(now: Sides | None, whose: Mapping[str, Standing]) -> tuple[str, str] | None:
    """Return the two users that the two visitors belong to, if each belongs to another one."""
    if now is None:
        return None
    one, other = (whose.get(group.tenure_id or "") for group in (now.one, now.other))
    if one is None or other is None or one.user_id is None or other.user_id is None or one.user_id == other.user_id:
        return None
    return one.user_id, other.user_id


def _visible(tx: Transaction, users: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the two users unless one of them is hidden."""
    if users is None or any(known_users.find.one_or_none(tx, user_id=user_id) is None for user_id in users):
        return None
    return users


def _shown(candidate: KnownCandidate, users: tuple[str, str] | None) -> Offered:
    visitor_ids = candidate.one_id, candidate.other_id
    return Offered(
        candidate.candidate_id,
        (f"user:{users[0]}", f"user:{users[1]}")
        if users
        else (f"visitor:{visitor_ids[0]}", f"visitor:{visitor_ids[1]}"),
        visitor_ids,
        candidate.state,
        candidate.confidence,
        messages.recall(candidate.addresses, tuple[SharedAddress, ...]),
        messages.recall(candidate.arithmetic, dict[str, float]),
        candidate.found_at,
        candidate.decided_at,
    )


def _whose(tx: Transaction, sides: Sequence[Sides]) -> dict[str, Standing]:
    """Return who each merge group's latest tenure belongs to by facts alone, by the tenure."""
    tenure_ids = {group.tenure_id for now in sides for group in (now.one, now.other) if group.tenure_id is not None}
    return identities.certainly(tx, sorted(tenure_ids)) if tenure_ids else {}


def _offered(tx: Transaction, found: Mapping[TwoVisitors, Resemblance]) -> dict[TwoVisitors, Resemblance]:
    """Return those pairs of merge groups that a person could accept, and about which nobody has decided.

    Those of two users count less.
    """
    sides = store.sides(tx, sorted(found))
    whose = _whose(tx, list(sides.values()))

    def is_offered(now: Sides) -> bool:
        if now.are_apart or now.one.visitor_id == now.other.visitor_id:
            return False
        # A browser of several users, or of several machines, is not one person's.
        if max(now.one.users, now.other.users) > 1 or max(now.one.machines, now.other.machines) > 1:
            return False
        one, other = (whose.get(group.tenure_id or "") for group in (now.one, now.other))
        return one is None or other is None or one.person_id != other.person_id

    return {
        two: found[two].of_two_users() if _users(now, whose) else found[two]
        for two, now in sides.items()
        if {*two} == {now.one.visitor_id, now.other.visitor_id} and is_offered(now)
    }


def _alike(
    tx: Transaction, page: Sequence[store.LookedAt], policy: Policy, at: datetime
) -> dict[TwoVisitors, Resemblance]:
    """Return how like each of these visitors is to each later one that was at an address of its, beside their rivals."""
    visitor_ids = [one.visitor_id for one in page if one.is_one_browser]
    weeks = times.iso_weeks(at, policy.address_weeks)
    if not visitor_ids or not weeks:
        return {}
    places: dict[str, dict[PlaceInWeek, Neighbourhood]] = defaultdict(dict)
    addresses: dict[str, set[str]] = defaultdict(set)
    for there in store.neighbours(
        tx, visitor_ids=visitor_ids, weeks=weeks, places_max=PLACES_MAX, crowd=policy.address_crowd
    ):
        places[there.visitor_id][there.address, there.week] = there
        # The visitor itself may have been there in other weeks only.
        for visitor_id in {there.visitor_id, *there.there_ids} if not there.is_crowd else ():
            addresses[visitor_id].add(there.address)
    since = _monday(at) - timedelta(weeks=policy.address_weeks - 1)
    sought = {visitor_id: sorted(where) for visitor_id, where in addresses.items()}
    stays = _Stays(store.stays(tx, sought, since=since, sessions_max=SESSIONS_MAX), policy)
    return {
        two: found for visitor_id in visitor_ids for two, found in stays.alike(visitor_id, places[visitor_id]).items()
    }


class _Stays:
    """When merge groups were at addresses, by the hours since 1970, and with which classes of devices."""

    def __init__(self, stays: Sequence[Stay], policy: Policy) -> None:
        self._policy = policy
        self._hours: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._classes: dict[str, set[str | None]] = defaultdict(set)
        self._there: dict[PlaceInWeek, set[str]] = defaultdict(set)
        for stay in stays:
            self._hours[stay.visitor_id, stay.address].update(stay.hours)
            for day in {hour // _HOURS_A_DAY for hour in stay.hours}:
                self._there[stay.address, times.iso_week(_date(day))].add(stay.visitor_id)
            self._classes[stay.visitor_id].add(stay.device_class)

    def alike(self, visitor_id: str, places: Mapping[PlaceInWeek, Neighbourhood]) -> dict[TwoVisitors, Resemblance]:
        """Return how like a visitor is to each later one that was at its places, each beside its rivals.

        A rival is another visitor of the same class as one of the two, in its place, at these same addresses.
        """
        neighbour_ids = sorted({there_id for place in places.values() for there_id in place.there_ids} - {visitor_id})
        beside = {
            neighbour_id: resemblance
            for neighbour_id in neighbour_ids
            if (resemblance := self._weigh((visitor_id, neighbour_id), places)) is not None
        }
        found: dict[TwoVisitors, Resemblance] = {}
        for neighbour_id, resemblance in beside.items():
            # The other one has this pair where it is the later of the two.
            if neighbour_id < visitor_id or resemblance.confidence < self._policy.candidate_confidence_min:
                continue
            rivals = [rival for other_id, rival in beside.items() if self._are_rivals(other_id, neighbour_id)]
            rivals += [
                rival
                for other_id in neighbour_ids
                if other_id != neighbour_id and self._are_rivals(other_id, visitor_id)
                if (rival := self._weigh((other_id, neighbour_id), places)) is not None
            ]
            found[visitor_id, neighbour_id] = resemblance.against(rivals)
        return found

    def _are_rivals(self, one_id: str, other_id: str) -> bool:
        return one_id != other_id and not self._classes[one_id].isdisjoint(self._classes[other_id])

    def _weigh(self, two: TwoVisitors, places: Mapping[PlaceInWeek, Neighbourhood]) -> Resemblance | None:
        """Return how like two merge groups are at these places; None if they were nowhere on the same day."""
        meetings = [
            meeting for address in {address for address, _ in places} for meeting in self._meet(two, address, places)
        ]
        if not meetings:
            return None
        is_same_class = not self._classes[two[0]].isdisjoint(self._classes[two[1]])
        return rules.weigh(meetings, is_same_class=is_same_class, policy=self._policy)

    def _meet(self, two: TwoVisitors, address: str, places: Mapping[PlaceInWeek, Neighbourhood]) -> list[Meeting]:
        one, other = (self._hours[visitor_id, address] for visitor_id in two)
        together = Counter(hour // _HOURS_A_DAY for hour in one & other)
        days = {hour // _HOURS_A_DAY for hour in one} & {hour // _HOURS_A_DAY for hour in other}
        return [
            Meeting(address, date.date().isoformat(), together[day], shared_by)
            for day in sorted(days)
            if (shared_by := self._others(two, (address, times.iso_week(date := _date(day))), places)) is not None
        ]

    def _others(self, two: TwoVisitors, where: PlaceInWeek, places: Mapping[PlaceInWeek, Neighbourhood]) -> int | None:
        """Return how many others than the first of two were at an address in a week; None if they were a crowd.

        Visits that came in late are known by their sessions alone: their place is of the week in which they came, which is
        that week or a later one. They count only where the address was no crowd's in any of these.
        """
        address, week = where
        there_ids = set(places[where].there_ids) if where in places else set()
        asked = [where] if there_ids.issuperset(two) else [at for at in places if at[0] == address and at[1] >= week]
        others = len(there_ids | self._there[where]) - 1
        is_crowd = others >= self._policy.address_crowd or any(at in places and places[at].is_crowd for at in asked)
        return None if is_crowd else others


def _date(day: int) -> datetime:
    return times.BEGINNING + timedelta(days=day)


def _monday(at: datetime) -> datetime:
    """Return when the ISO week of a time began."""
    return (at - timedelta(days=at.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
