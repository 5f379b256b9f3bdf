"""Count associations of users and visitors, and read the relationships that they make."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from graph.acts import reads
from graph.errors import NotFound
from graph.rules import relationships as rules
from graph.rules.decay import rank_of_bound
from graph.rules.identifiers import kept_id
from graph.rules.policy import Policy
from graph.rules.relationships import Pair, Relationship, Source
from graph.rules.times import BEGINNING, END
from graph.store import relationships as store
from graph.transaction import Rung, Transaction

#: The place before the first relationship of any list.
LIST_START = store.Place(float("inf"), "")
#: The highest confidence there is.
CONFIDENCE_MAX = 100.0


@dataclass(frozen=True)
class Wanted:
    """Which relationships a list has; None stands for any.

    The confidence (0–100) is compared as it is shown, rounded, and both ends are included. Of the times the upper end is
    not included.
    """

    confidence_min: float = 0.0
    confidence_max: float = 100.0
    first_seen_from: datetime | None = None
    first_seen_to: datetime | None = None
    last_seen_from: datetime | None = None
    last_seen_to: datetime | None = None
    source: Source | None = None
    verified: bool | None = None

    def ranked(self, now: datetime, policy: Policy) -> store.Ranges:
        """Return the same as ranges of stored properties, with the confidence as ranks at the time `now`."""
        half_life = policy.relationship_half_life_days
        return store.Ranges(
            rank_min=rank_of_bound(self.confidence_min, now, half_life),
            rank_below=rank_of_bound(math.floor(self.confidence_max) + 1, now, half_life)
            if self.confidence_max < CONFIDENCE_MAX
            else math.inf,
            first_seen_from=self.first_seen_from or BEGINNING,
            first_seen_to=self.first_seen_to or END,
            last_seen_from=self.last_seen_from or BEGINNING,
            last_seen_to=self.last_seen_to or END,
            sources=tuple(Source) if self.source is None else (self.source,),
            verified=(True, False) if self.verified is None else (self.verified,),
        )


ALL = Wanted()


@dataclass(frozen=True)
class Association:
    """One observation that a user used a visitor."""

    user_id: str
    visitor_id: str
    source: Source
    at: datetime
    policy: Policy


@dataclass(frozen=True)
class Counted:
    """A relationship before and after an association was counted."""

    before: Relationship | None
    after: Relationship


def associate(tx: Transaction, associations: Sequence[Association]) -> list[Counted | None]:
    """Count each association into its relationship; return one result for each. Visitors and users must be locked.

    A collected user id that a cannot-link separates from the visitor does not count: the result is None.

    Raises:
        Overtaken: A visitor was merged into another one in the meantime.
    """
    if not associations:
        return []
    ledger = Ledger.gather(tx, [(association.user_id, association.visitor_id) for association in associations])
    counted = [count(ledger, association) for association in associations]
    ledger.apply(tx, associations[0].policy)
    return counted


def count(ledger: "Ledger", association: Association) -> Counted | None:
    """Count an association into the ledger; return None if a cannot-link forbids it."""
    pair = (association.user_id, association.visitor_id)
    if association.source is Source.COLLECTED and ledger.group(*pair).is_forbidden:
        return None
    before = ledger.group(*pair).weighed(association.policy)
    records = rules.associate(ledger.of(*pair), association.source, association.at)
    return Counted(before, ledger.put(*pair, records, association.policy))


@dataclass
class Ledger:
    """The records of pairs of a user and a visitor, while a list of changes is applied to them.

    `groups` are by (user, survivor). `survivors` are the survivors of the pairs, and `changed` the pairs to write.
    """

    groups: dict[Pair, rules.Group]
    survivors: dict[Pair, str]
    changed: set[Pair] = field(default_factory=set)

    @classmethod
    def of_groups(cls, groups: Mapping[Pair, rules.Group]) -> Self:
        """Return the ledger of pairs whose merge groups were read."""
        return cls(
            {(group.user_id, group.survivor_id): group for group in groups.values()},
            {pair: group.survivor_id for pair, group in groups.items()},
        )

    @classmethod
    def gather(cls, tx: Transaction, pairs: Sequence[Pair]) -> Self:
        """Read the records of pairs whose visitors are locked; raise `Overtaken` if a survivor is not locked."""
        groups = store.gather(tx, list(dict.fromkeys(pairs)))
        for (_, visitor_id), group in groups.items():
            if group.survivor_id != visitor_id:
                why = "the visitor was merged into another just now"
                tx.locks.require(Rung.VISITOR, [group.survivor_id], why)
        return cls.of_groups(groups)

    def group(self, user_id: str, visitor_id: str) -> rules.Group:
        """Return the user and the merge group of a visitor."""
        return self.groups[user_id, self.survivors[user_id, visitor_id]]

    def of(self, user_id: str, visitor_id: str) -> rules.Records:
        """Return the records of the pair itself."""
        return self.group(user_id, visitor_id).of(visitor_id)

    def put(self, user_id: str, visitor_id: str, records: rules.Records, policy: Policy) -> Relationship:
        """Note the pair's new records, and return the relationship that the merge group's folded records give."""
        group = self.group(user_id, visitor_id).having(visitor_id, records)
        self.groups[user_id, group.survivor_id] = group
        self.changed.add((user_id, visitor_id))
        return rules.weigh(rules.fold(group.records.values()), policy)

    def apply(self, tx: Transaction, policy: Policy) -> None:
        """Write the edges of the noted pairs and those of their survivors."""
        store.apply(tx, self.edges(policy))

    def edges(self, policy: Policy) -> list[store.Edge]:
        """Return the edges of the noted pairs and those of their survivors."""
        touched = self.changed | {
            (user_id, self.survivors[user_id, visitor_id]) for user_id, visitor_id in self.changed
        }
        return [self._edge(user_id, visitor_id, policy) for user_id, visitor_id in sorted(touched)]

    def _edge(self, user_id: str, visitor_id: str, policy: Policy) -> store.Edge:
        group = self.groups.get((user_id, visitor_id))
        if group is not None:
            weighed = rules.weigh(rules.fold(group.records.values()), policy)
            return store.Edge.of(group, visitor_id, weighed, is_listed=True)
        group = self.group(user_id, visitor_id)
        return store.Edge.of(group, visitor_id, rules.weigh(group.of(visitor_id), policy), is_listed=False)


def of_user(
    tx: Transaction,
    user_id: str,
    *,
    wanted: Wanted = ALL,
    after: store.Place | None,
    limit: int,
    now: datetime,
    policy: Policy,
) -> list[store.Listed]:
    """Return a page of a user's visitors, strongest first; raise `NotFound` if there is no such user."""
    return reads.found_user(
        store.of_user(tx, kept_id(user_id), wanted=wanted.ranked(now, policy), after=after or LIST_START, limit=limit)
    )


def of_visitor(
    tx: Transaction,
    visitor_id: str,
    *,
    wanted: Wanted = ALL,
    after: store.Place | None,
    limit: int,
    now: datetime,
    policy: Policy,
) -> list[store.Listed]:
    """Return a page of a visitor's users, strongest first; raise `NotFound` if there is no such visitor."""
    return reads.found_visitor(
        store.of_visitor(tx, visitor_id, wanted=wanted.ranked(now, policy), after=after or LIST_START, limit=limit)
    )


def get(tx: Transaction, user_id: str, visitor_id: str) -> store.RelationshipRow:
    """Return the relationship of a user and a visitor; raise `NotFound` if there is none or it is hidden."""
    row = store.get.one_or_none(tx, user_id=kept_id(user_id), visitor_id=visitor_id)
    if row is None:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    return row
