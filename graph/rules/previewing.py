"""Compare whose visitors are by one policy with whose they would be by another."""

import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from graph.model import Standing
from graph.rules import decay
from graph.rules.policy import Policy

#: The most moves that a preview keeps; the counts are of all.
MOVES_MAX = 1_000

#: What another policy would do to a visitor: it would belong to somebody, to nobody else any more, or to somebody else.
JOINS, PARTS, MOVES = "joins", "parts", "moves"
#: The visitor would stay whose it is, more or less surely.
SURER, LESS_SURE = "surer", "less_sure"
CHANGES = (JOINS, PARTS, MOVES, SURER, LESS_SURE)

#: What can cut a preview: more visitors were asked for than it may look at, or its time was over.
BY_NUMBER, BY_TIME = "number", "time"


@dataclass(frozen=True)
class Move:
    """A visitor that would belong to another identity, and how sure, 0–1, both are."""

    visitor_id: str
    change: str
    before_id: str
    after_id: str
    before_confidence: float
    after_confidence: float


@dataclass(frozen=True)
class WornRelationship:
    """A relationship's confidence, 1–100, when it was last seen."""

    confidence: float
    last_seen: datetime

    def would_fade(self, policy: Policy, at: datetime) -> bool:
        """Whether the job `sweep` would close it `at` a time: it is too old, or was sure once and is worth little now."""
        if self.last_seen < at - timedelta(days=policy.relationship_ttl_days):
            return True
        half_life, least = policy.relationship_half_life_days, policy.relationship_confidence_min
        rank = decay.rank(self.confidence, self.last_seen, half_life)
        return self.confidence >= least and rank < decay.rank(least, at, half_life)


@dataclass
class Preview:
    """What another policy would change, of the visitors that were looked at and of their relationships.

    `cut_by` is why fewer visitors were looked at than were asked for; None if all were.
    """

    looked_at: int = 0
    visitors: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    relationships: int = 0
    fading_before: int = 0
    fading_after: int = 0
    cut_by: str | None = None

    def add(self, visitor_id: str, own_id: str, before: Standing, after: Standing) -> None:
        """Compare whose a visitor is with whose it would be. `own_id` is its identity by facts alone."""
        self.looked_at += 1
        if before.person_id == after.person_id:
            if before.confidence != after.confidence:
                self.changes[SURER if after.confidence > before.confidence else LESS_SURE] += 1
            return
        change = JOINS if before.person_id == own_id else PARTS if after.person_id == own_id else MOVES
        self.changes[change] += 1
        if len(self.moves) < MOVES_MAX:
            ids = before.person_id, after.person_id
            self.moves.append(Move(visitor_id, change, *ids, before.confidence, after.confidence))

    def add_relationship(self, found: WornRelationship, before: Policy, after: Policy, at: datetime) -> None:
        """Count a relationship, and whether it would fade by each policy."""
        self.relationships += 1
        self.fading_before += found.would_fade(before, at)
        self.fading_after += found.would_fade(after, at)


def is_sampled(visitor_id: str, share: float) -> bool:
    """Whether a visitor is among a `share`, 0–1, of all; the same ones each time."""
    return place(visitor_id) < share * 2**32


def place(visitor_id: str) -> int:
    """Return the place of a visitor, 0 to 2**32. A share of all has the lowest places, evenly taken from all times."""
    return zlib.crc32(visitor_id.encode())
