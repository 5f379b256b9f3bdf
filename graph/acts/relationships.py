"""Count associations of users and visitors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from graph.acts import reads
from graph.errors import NotFound
from graph.rules import relationships as rules
from graph.rules.decay import rank_of_bound
from graph.rules.identifiers import kept_id
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship, Source
from graph.rules.times import BEGINNING, END
from graph.store import relationships as store
from graph.store import users
from graph.transaction import Rung, Transaction

#: Before the first of any list.
TOP = store.Place(float("inf"), "")


@dataclass(frozen=True)
class Wanted:
    """Which relationships: confidence (0–100, as shown) within both ends, times before the upper one, None for any."""

    confidence_min: float = 0.0
    confidence_max: float = 100.0
    first_seen_from: datetime | None = None
    first_seen_to: datetime | None = None
    last_seen_from: datetime | None = None
    last_seen_to: datetime | None = None
    source: Source | None = None
    verified: bool | None = None

    def ranked(self, now: datetime, policy: Policy) -> store.Ranges:
        """The same as ranks and ranges."""
        half_life = policy.relationship_half_life_days
        most = self.confidence_max
        return store.Ranges(
            rank_min=rank_of_bound(self.confidence_min, now, half_life),
            rank_below=rank_of_bound(math.floor(most) + 1, now, half_life) if most < MOST else math.inf,
            first_seen_from=self.first_seen_from or BEGINNING,
            first_seen_to=self.first_seen_to or END,
            last_seen_from=self.last_seen_from or BEGINNING,
            last_seen_to=self.last_seen_to or END,
            sources=tuple(Source) if self.source is None else (self.source,),
            verified=(True, False) if self.verified is None else (self.verified,),
        )


#: As sure as anything gets.
MOST = 100.0
ALL = Wanted()


@dataclass(frozen=True)
class Association:
    """One observation that a user used a visitor; the identity id is for a user there is not yet."""

    user_id: str
    visitor_id: str
    source: Source
    at: datetime
    new_identity_id: str
    policy: Policy


@dataclass(frozen=True)
class Counted:
    """A relationship before and after an association was counted."""

    before: Relationship | None
    after: Relationship


def associate(tx: Transaction, associations: Sequence[Association]) -> list[Counted | None]:
    """Count each association into its relationship; of visitors that are locked already.

    What was only collected does not count where somebody said that the two do not belong together: None.

    Raises `Overtaken` where one of them is another's by now.
    """
    if not associations:
        return []
    new = {one.user_id: (one.user_id, one.new_identity_id) for one in associations}
    users.lock(tx, list(new.values()), max(one.at for one in associations))
    ledger = Ledger.gather(tx, [(one.user_id, one.visitor_id) for one in associations])
    counted = [_count(ledger, one) for one in associations]
    ledger.apply(tx, associations[0].policy)
    return counted


def _count(ledger: "Ledger", one: Association) -> Counted | None:
    if one.source is Source.COLLECTED and ledger.group(one.user_id, one.visitor_id).is_forbidden:
        return None
    before = ledger.group(one.user_id, one.visitor_id).weighed(one.policy)
    records = rules.associate(ledger.of(one.user_id, one.visitor_id), one.source, one.at)
    return Counted(before, ledger.put(one.user_id, one.visitor_id, records, one.policy))


@dataclass
class Ledger:
    """What is known of pairs of a user and a visitor, while a list of changes goes over them."""

    groups: dict[store.Pair, rules.Group]
    survivors: dict[store.Pair, str]
    changed: set[store.Pair] = field(default_factory=set)

    @classmethod
    def gather(cls, tx: Transaction, pairs: Sequence[store.Pair]) -> Self:
        """Read what is known of pairs whose visitors are locked; raises `Overtaken` where a survivor is not."""
        found = store.gather(tx, list(dict.fromkeys(pairs)))
        for (_, visitor_id), group in found.items():
            if group.survivor_id != visitor_id:
                why = "the visitor was merged into another just now"
                tx.locks.require(Rung.VISITOR, [group.survivor_id], why)
        return cls(
            {(group.user_id, group.survivor_id): group for group in found.values()},
            {pair: group.survivor_id for pair, group in found.items()},
        )

    def group(self, user_id: str, visitor_id: str) -> rules.Group:
        """The user and all visitors that this one is one with."""
        return self.groups[user_id, self.survivors[user_id, visitor_id]]

    def of(self, user_id: str, visitor_id: str) -> rules.Records:
        """What is known of the pair itself."""
        return self.group(user_id, visitor_id).of(visitor_id)

    def put(self, user_id: str, visitor_id: str, records: rules.Records, policy: Policy) -> Relationship:
        """Note what is known of the pair now; answers what the relationship, merged visitors and all, comes to."""
        group = self.group(user_id, visitor_id).having(visitor_id, records)
        self.groups[user_id, group.survivor_id] = group
        self.changed.add((user_id, visitor_id))
        return rules.weigh(rules.fold(group.records.values()), policy)

    def apply(self, tx: Transaction, policy: Policy) -> None:
        """Write what was noted, and what it comes to for survivors."""
        touched = self.changed | {(user, self.survivors[user, visitor]) for user, visitor in self.changed}
        store.apply(tx, [self._edge(user, visitor, policy) for user, visitor in sorted(touched)])

    def _edge(self, user_id: str, visitor_id: str, policy: Policy) -> store.Edge:
        group = self.groups.get((user_id, visitor_id))
        if group is not None:
            worth = rules.weigh(rules.fold(group.records.values()), policy)
            return store.Edge.of(group, visitor_id, worth, is_listed=True)
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
    """A user's visitors, strongest first; raises `NotFound`."""
    user_id = reads.find_user(tx, user_id).user_id
    return store.of_user(tx, user_id, wanted=wanted.ranked(now, policy), after=after or TOP, limit=limit)


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
    """A visitor's users, strongest first; raises `NotFound`."""
    visitor_id = reads.find_visitor(tx, visitor_id)
    return store.of_visitor(tx, visitor_id, wanted=wanted.ranked(now, policy), after=after or TOP, limit=limit)


def get(tx: Transaction, user_id: str, visitor_id: str) -> store.One:
    """The relationship of a user and a visitor; raises `NotFound`."""
    found = store.get.one_or_none(tx, user_id=kept_id(user_id), visitor_id=visitor_id)
    if found is None:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    return found
