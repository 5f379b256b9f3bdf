"""What follows from what was observed on a visitor's own jars.

A split writes it for the visitor that jars leave and for the new one. The check of the graph compares it with what the
graph says, and a repair writes all of it but the recent users.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from graph.rules import kiosk, relationships
from graph.rules.policy import Policy
from graph.rules.relationships import Record, Records, Source


@dataclass(frozen=True)
class Until:
    """When something ended on a visitor: an open relationship, or that a jar was in the visitor."""

    visitor_id: str
    until: datetime


@dataclass(frozen=True)
class Associations:
    """A user's associations of one source that count alike.

    `closed` are the user's relationships that were closed after these associations came in; `left` are the visitors that
    their jars have left. `is_before_return` says that the jars had not come back by then.
    """

    user_id: str
    source: Source
    is_before_return: bool
    closed: Sequence[Until]
    left: Sequence[Until]
    count: int
    first: datetime
    last: datetime

    def count_on(self, visitor_id: str) -> bool:
        """Whether no relationship was closed since, on the visitor or on one that the jars were in at that time."""
        return not any(
            closed.visitor_id == visitor_id
            or any(left.visitor_id == closed.visitor_id and left.until >= closed.until for left in self.left)
            for closed in self.closed
        )


@dataclass(frozen=True)
class Derived:
    """What was observed on a visitor's own jars; any of `latest_tenure_ids` may be its latest tenure."""

    visitor_id: str
    known_jars: int
    first_seen: datetime | None
    last_seen: datetime | None
    latest_tenure_ids: Sequence[str]
    associations: Sequence[Associations]

    @property
    def latest_tenure_id(self) -> str | None:
        """The latest tenure, the one with the last id where several were used last."""
        return max(self.latest_tenure_ids, default=None)

    def numbers(self, policy: Policy) -> dict[str, object]:
        """The visitor's own properties that follow."""
        return {
            "known_jars": self.known_jars,
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "latest_tenure_id": self.latest_tenure_id,
            "recent_users": list(self.recent_users(policy)),
        }

    @cached_property
    def records(self) -> dict[str, Records]:
        """The records of each user's relationship with the visitor, without statements, which nobody observes."""
        records: dict[str, Records] = {}
        for found in self.associations:
            if found.count_on(self.visitor_id):
                record = {found.source: Record(found.count, found.first, found.last)}
                records[found.user_id] = relationships.fold([records.get(found.user_id, {}), record])
        return records

    def recent_users(self, policy: Policy) -> tuple[str, ...]:
        """The users who logged in lately through jars that had not come back, as `kiosk.remember` keeps them."""
        recent: tuple[str, ...] = ()
        for found in self.associations:
            if found.is_before_return and found.source is not Source.COLLECTED:
                recent = kiosk.remember(recent, found.user_id, found.last, policy)
        return recent
