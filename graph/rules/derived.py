"""Derive a visitor's numbers and relationships from what was observed on its own jars.

A split writes them for the visitor that jars leave and for the new visitor. The consistency check compares them with the
graph, and a repair writes all of them but the recent users.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from graph.rules import jars, kiosk, relationships
from graph.rules.jars import Stretch
from graph.rules.policy import Policy
from graph.rules.relationships import Record, Records, Source
from graph.rules.times import BEGINNING


@dataclass(frozen=True)
class Until:
    """The time at which a relationship with a visitor was closed, or a jar left the visitor."""

    visitor_id: str
    until: datetime


@dataclass(frozen=True)
class Associations:
    """A user's associations of one source that all count or all don't count.

    `closed` are the user's relationships that were closed after these associations came in. `left` are the visitors that
    the jars of these associations have left. `is_before_return` says that these jars had not come back by the time of
    the associations.
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
        """Whether these associations count on a visitor that has their jars.

        They don't if a relationship was closed since, on that visitor or on a visitor that the jars were in at that time.
        Example: `anna` is removed from `vis_a`, then a jar moves from there to `vis_b`. Her logins on it from before the
        removal don't count on `vis_b`.
        """
        return not any(
            closed.visitor_id == visitor_id
            or any(left.visitor_id == closed.visitor_id and left.until >= closed.until for left in self.left)
            for closed in self.closed
        )


@dataclass(frozen=True)
class Derived:
    """The observations on a visitor's own jars.

    `stretches` are those of the known jars. `latest_tenure_ids` are the tenures that were used last: several if they were last used at the same time.
    """

    visitor_id: str
    known_jars: int
    stretches: Sequence[Stretch]
    first_seen: datetime | None
    last_seen: datetime | None
    latest_tenure_ids: Sequence[str]
    associations: Sequence[Associations]

    @classmethod
    def joined(cls, parts: Sequence["Derived"]) -> "Derived":
        """Return the observations on all jars of a visitor, from those on some of them each; there is at least one part."""
        first = [part.first_seen for part in parts if part.first_seen is not None]
        last = max((part.last_seen for part in parts if part.last_seen is not None), default=None)
        return cls(
            parts[0].visitor_id,
            sum(part.known_jars for part in parts),
            [stretch for part in parts for stretch in part.stretches],
            min(first, default=None),
            last,
            [tenure_id for part in parts if part.last_seen == last for tenure_id in part.latest_tenure_ids],
            [associations for part in parts for associations in part.associations],
        )

    @property
    def latest_tenure_id(self) -> str | None:
        """The tenure that was used last: of several the one with the last id, and None without tenures."""
        return max(self.latest_tenure_ids, default=None)

    def numbers(self, policy: Policy) -> dict[str, object]:
        """Return the properties of the visitor's node that follow from the observations."""
        machines = jars.machines(self.stretches)
        return {
            "known_jars": self.known_jars,
            "machines": machines if machines > policy.fingerprint_known_jars_max else None,
            "first_seen": self.first_seen,
            # An erasure may have left no tenure of a visitor that others are merged into: they come before it.
            "last_seen": self.last_seen or BEGINNING,
            "latest_tenure_id": self.latest_tenure_id,
            "recent_users": list(self.recent_users(policy)),
        }

    @cached_property
    def records(self) -> dict[str, Records]:
        """The records of each user's relationship with the visitor, without statements, which aren't observed on jars."""
        records: dict[str, Records] = {}
        for associations in self.associations:
            if associations.count_on(self.visitor_id):
                record = {associations.source: Record(associations.count, associations.first, associations.last)}
                records[associations.user_id] = relationships.fold([records.get(associations.user_id, {}), record])
        return records

    def recent_users(self, policy: Policy) -> tuple[str, ...]:
        """Return the users who logged in lately through jars that had not come back, as `kiosk.remember` keeps them."""
        recent: tuple[str, ...] = ()
        for associations in self.associations:
            if associations.is_before_return and associations.source is not Source.COLLECTED:
                recent = kiosk.remember(recent, associations.user_id, associations.last, policy)
        return recent
