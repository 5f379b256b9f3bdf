"""What is known between one user and one visitor, source by source, and how sure that is."""

from collections.abc import Mapping
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


@dataclass(frozen=True)
class Relationship:
    """One user and one visitor: confidence 1–100 when last seen, what it consists of, and its place in lists."""

    records: Mapping[Source, Record]
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
    def source(self) -> Source:
        """The surest source."""
        return next(source for source in Source if source in self.records)


def associate(records: Mapping[Source, Record], source: Source, at: datetime, policy: Policy) -> Relationship:
    """The relationship after one more association; the order in which associations arrive makes no difference."""
    return weigh({**records, source: _once_more(records.get(source), at)}, policy)


def state(records: Mapping[Source, Record], stated: float, at: datetime, policy: Policy) -> Relationship:
    """The relationship after its figure (1–100) was stated once more; the latest statement holds, lower ones too."""
    before = records.get(Source.STATED)
    record = _once_more(before, at)
    if before is None or at >= before.last:
        record = replace(record, figure=stated)
    return weigh({**records, Source.STATED: record}, policy)


def _once_more(before: Record | None, at: datetime) -> Record:
    if before is None:
        return Record(1, at, at)
    return replace(before, count=before.count + 1, first=min(before.first, at), last=max(before.last, at))


def weigh(records: Mapping[Source, Record], policy: Policy) -> Relationship:
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
