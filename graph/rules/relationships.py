"""What is known between one user and one visitor, source by source, and how sure that is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.rules import confidence, decay
from graph.rules.policy import Policy


class Source(StrEnum):
    """Where an association came from, surest first."""

    STATED = "stated"
    VERIFIED = "verified"
    CLAIMED = "claimed"
    COLLECTED = "collected"


@dataclass(frozen=True)
class Record:
    """All of one source's associations: how many, when first and last, and the figure they came with (0–100)."""

    count: int
    first: datetime
    last: datetime
    figure: float = 0.0


#: What is known of a user and a visitor, by source.
Records = Mapping[Source, Record]


@dataclass(frozen=True)
class Relationship:
    """One user and one visitor: confidence 1–100 when last seen, what it consists of, and its place in lists."""

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
        """Whether any login was."""
        return Source.VERIFIED in self.records

    @property
    def source(self) -> Source:
        """The surest source."""
        return next(source for source in Source if source in self.records)


@dataclass(frozen=True)
class Group:
    """One user and all visitors that are one by merges: what is known on each, and the one that they count for.

    `hidden` are those on which somebody said that the two are not to be shown; one is enough to hide them all.
    `is_forbidden` says that somebody took the user from one of the visitors, `was_forbidden` that it was contradicted since.
    """

    user_id: str
    survivor_id: str
    records: Mapping[str, Records]
    hidden: frozenset[str] = frozenset()
    is_forbidden: bool = False
    was_forbidden: bool = False

    @property
    def is_visible(self) -> bool:
        """Whether reads may tell of it."""
        return not self.hidden

    def of(self, visitor_id: str) -> Records:
        """What is known on one of the visitors itself."""
        return self.records.get(visitor_id, {})

    def having(self, visitor_id: str, records: Records) -> "Group":
        """The group after something else came to be known on one of the visitors."""
        return replace(self, records={**self.records, visitor_id: records})

    def saying(self, visitor_id: str, *, visible: bool) -> "Group":
        """The group after somebody said on one of the visitors whether it is to be shown.

        What is known on that visitor itself keeps it; where nothing is, it is said of all that count for it.
        """
        if self.of(visitor_id):
            named = frozenset({visitor_id})
        elif self.of(self.survivor_id):
            named = frozenset({self.survivor_id})
        else:
            named = frozenset({self.survivor_id, *(one for one, records in self.records.items() if records)})
        return replace(self, hidden=self.hidden - named if visible else self.hidden | named)

    def weighed(self, policy: Policy) -> Relationship | None:
        """What all of them are worth together; None where nothing is known."""
        folded = fold(self.records.values())
        return weigh(folded, policy) if folded else None


def associate(records: Records, source: Source, at: datetime) -> Records:
    """What is known after one more association; the order in which associations arrive makes no difference."""
    return {**records, source: _once_more(records.get(source), at)}


def state(records: Records, stated: float, at: datetime) -> Records:
    """What is known after its figure (1–100) was stated once more; the latest statement holds, lower ones too."""
    before = records.get(Source.STATED)
    record = _once_more(before, at)
    if before is None or at >= before.last:
        record = replace(record, figure=stated)
    return {**records, Source.STATED: record}


def fold(known: Iterable[Records]) -> Records:
    """What is known on several visitors that are one: all of it counts, and the latest statement holds."""
    folded: dict[Source, Record] = {}
    for records in known:
        for source, record in records.items():
            folded[source] = _both(folded[source], record) if source in folded else record
    return folded


def _both(one: Record, other: Record) -> Record:
    latest = max(one, other, key=lambda record: (record.last, record.figure))
    return Record(one.count + other.count, min(one.first, other.first), latest.last, latest.figure)


def _once_more(before: Record | None, at: datetime) -> Record:
    if before is None:
        return Record(1, at, at)
    return replace(before, count=before.count + 1, first=min(before.first, at), last=max(before.last, at))


def weigh(records: Records, policy: Policy) -> Relationship:
    """The confidence of what is known: what was stated, else the strongest source; a pure function of the records."""
    figures = {source: figure(source, record, policy) for source, record in records.items()}
    sure = figures.get(Source.STATED, max(figures.values()))
    last_seen = max(record.last for record in records.values())
    return Relationship(records, sure, decay.rank(sure, last_seen, policy.relationship_half_life_days))


def figure(source: Source, record: Record, policy: Policy) -> float:
    """What one source's associations are worth together, 1–100, never past the source's cap."""
    if source is Source.STATED:
        return record.figure
    first, cap = {
        Source.VERIFIED: (policy.relationship_verified_first, policy.relationship_verified_cap),
        Source.CLAIMED: (policy.relationship_claimed_first, policy.relationship_claimed_cap),
        Source.COLLECTED: (policy.relationship_collected_first, policy.relationship_collected_cap),
    }[source]
    return confidence.approaching(first, cap, record.count, policy.relationship_doubling_count)
