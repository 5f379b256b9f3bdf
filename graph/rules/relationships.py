"""The relationship of one user and one visitor: its records, one for each source, and the confidence they give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.rules import confidence, decay
from graph.rules.policy import Policy

#: A user's id and a visitor's id.
Pair = tuple[str, str]


class Source(StrEnum):
    """Where an association came from, the surest source first.

    - `STATED`: a statement (`PUT`).
    - `VERIFIED`: a login with a signature, or by the customer's own server.
    - `CLAIMED`: a login without a signature.
    - `COLLECTED`: a user id that came with a visit, or with a page's event.
    """

    STATED = "stated"
    VERIFIED = "verified"
    CLAIMED = "claimed"
    COLLECTED = "collected"


@dataclass(frozen=True)
class Record:
    """The associations of one source: how many, first and last time, and for statements the latest figure (1–100)."""

    count: int
    first: datetime
    last: datetime
    figure: float = 0.0


#: The records of a user and a visitor, by source.
Records = Mapping[Source, Record]


@dataclass(frozen=True)
class Relationship:
    """One user and one visitor: the records, the confidence they gave, 1–100, when last seen, and the rank in lists."""

    records: Records
    confidence: float
    rank: float

    @property
    def count(self) -> int:
        return sum(record.count for record in self.records.values())

    @property
    def first_seen(self) -> datetime:
        return min(record.first for record in self.records.values())

    @property
    def last_seen(self) -> datetime:
        return max(record.last for record in self.records.values())

    @property
    def is_verified(self) -> bool:
        """Whether any login was verified."""
        return Source.VERIFIED in self.records

    @property
    def source(self) -> Source:
        """The surest source."""
        return next(source for source in Source if source in self.records)


@dataclass(frozen=True)
class Group:
    """One user and a merge group: the records on each visitor of the group, and the survivor, on which they are folded.

    `hidden` are the visitors on which the relationship is hidden; one is enough to hide that of the whole group.
    `is_forbidden` says that a visitor of the group has an open cannot-link to the user, `was_forbidden` that one has a
    cannot-link that a later call contradicted.
    """

    user_id: str
    survivor_id: str
    records: Mapping[str, Records]
    hidden: frozenset[str] = frozenset()
    is_forbidden: bool = False
    was_forbidden: bool = False

    @property
    def is_visible(self) -> bool:
        """Whether reads include the relationship."""
        return not self.hidden

    def of(self, visitor_id: str) -> Records:
        """Return the records on one visitor itself."""
        return self.records.get(visitor_id, {})

    def having(self, visitor_id: str, records: Records) -> "Group":
        """Return the group with other records on one visitor."""
        return replace(self, records={**self.records, visitor_id: records})

    def observing(self, visitor_id: str, observed: Mapping[str, Records]) -> "Group":
        """Return the group with one visitor's records as they were observed, by user; statements stay as they are."""
        before, after = self.of(visitor_id), observed.get(self.user_id, {})
        stated = {Source.STATED: before[Source.STATED]} if Source.STATED in before else {}
        return self.having(visitor_id, {**after, **stated})

    def saying(self, visitor_id: str, *, visible: bool) -> "Group":
        """Return the group after a caller hid or showed the user's relationship with one of its visitors.

        The flag is kept on that visitor if it has records of its own, else on the survivor if that has some, else on
        all visitors with records and on the survivor.
        """
        if self.of(visitor_id):
            flagged = frozenset({visitor_id})
        elif self.of(self.survivor_id):
            flagged = frozenset({self.survivor_id})
        else:
            with_records = (member_id for member_id, records in self.records.items() if records)
            flagged = frozenset({self.survivor_id, *with_records})
        return replace(self, hidden=self.hidden - flagged if visible else self.hidden | flagged)

    def weighed(self, policy: Policy) -> Relationship | None:
        """Return the relationship that the folded records of the group give; None without records."""
        folded = fold(self.records.values())
        return weigh(folded, policy) if folded else None


@dataclass(frozen=True)
class RecordOf:
    """A record, with the visitor that it is on and its source."""

    visitor_id: str
    source: Source
    count: int
    first: datetime
    last: datetime
    figure: float


def by_visitor(records: Iterable[RecordOf]) -> dict[str, Records]:
    """Return the records on each visitor, by source."""
    found: dict[str, dict[Source, Record]] = {}
    for each in records:
        found.setdefault(each.visitor_id, {})[each.source] = Record(each.count, each.first, each.last, each.figure)
    return dict(found)


@dataclass(frozen=True)
class Known:
    """What is known of a user and a merge group, as `Group` describes it."""

    survivor_id: str
    records: list[RecordOf]
    hidden: list[str]
    is_forbidden: bool
    was_forbidden: bool

    def group(self, user_id: str) -> Group:
        """Return the user with the merge group."""
        return Group(
            user_id,
            self.survivor_id,
            by_visitor(self.records),
            frozenset(self.hidden),
            is_forbidden=self.is_forbidden,
            was_forbidden=self.was_forbidden,
        )


def associate(records: Records, source: Source, at: datetime) -> Records:
    """Return the records with one more association counted; the order of arrival makes no difference."""
    return {**records, source: _once_more(records.get(source), at)}


def state(records: Records, stated: float, at: datetime) -> Records:
    """Return the records with one more stated figure (1–100). The latest statement holds, even if it is lower."""
    before = records.get(Source.STATED)
    record = _once_more(before, at)
    if before is None or at >= before.last:
        record = replace(record, figure=stated)
    return {**records, Source.STATED: record}


def fold(known: Iterable[Records]) -> Records:
    """Combine the records of a merge group's visitors: counts are added up, and the latest statement holds.

    Example: two logins on one visitor and one on another fold to a count of 3.
    """
    folded: dict[Source, Record] = {}
    for records in known:
        for source, record in records.items():
            folded[source] = _both(folded[source], record) if source in folded else record
    return folded


def _both(folded: Record, record: Record) -> Record:
    latest = max(folded, record, key=lambda each: (each.last, each.figure))
    return Record(folded.count + record.count, min(folded.first, record.first), latest.last, latest.figure)


def _once_more(before: Record | None, at: datetime) -> Record:
    if before is None:
        return Record(1, at, at)
    return replace(before, count=before.count + 1, first=min(before.first, at), last=max(before.last, at))


def weigh(records: Records, policy: Policy) -> Relationship:
    """Weigh records: the confidence is the stated figure, or else the figure of the strongest source."""
    figures = {source: figure(source, record, policy) for source, record in records.items()}
    sure = figures.get(Source.STATED, max(figures.values()))
    last_seen = max(record.last for record in records.values())
    return Relationship(records, sure, decay.rank(sure, last_seen, policy.relationship_half_life_days))


def figure(source: Source, record: Record, policy: Policy) -> float:
    """Return what the associations of one source are worth together, 1–100, never above the source's cap.

    Example: with the default policy, one `claimed` association is 95.0, two are 95.62 and four are 96.5.
    """
    if source is Source.STATED:
        return record.figure
    first, cap = {
        Source.VERIFIED: (policy.relationship_verified_first, policy.relationship_verified_cap),
        Source.CLAIMED: (policy.relationship_claimed_first, policy.relationship_claimed_cap),
        Source.COLLECTED: (policy.relationship_collected_first, policy.relationship_collected_cap),
    }[source]
    return confidence.approaching(first, cap, record.count, policy.relationship_doubling_count)
