"""Count what a tenant has, and how sure its relationships are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules import decay
from graph.rules.policy import Policy
from graph.rules.relationships import Source
from graph.store import stats as store
from graph.transaction import Transaction

#: The first confidence of each bucket but the lowest, which has what is left.
BOUNDS = tuple(range(11, 101, 10))
FIRSTS = (1, *BOUNDS)
#: 30,000 visitors with all that they have were counted in 0.9 s; it grows with them.
SECONDS = 60.0


@dataclass(frozen=True)
class Bucket:
    """How many relationships are shown with a confidence from `first` to `last` now, in all and by source."""

    first: int
    last: int
    count: int
    by_source: Mapping[str, int]


@dataclass(frozen=True)
class Stats:
    """What a tenant has; relationships are those in lists, a merged visitor's being in its survivor's."""

    counts: store.Counts
    relationships: int
    active_relationships: int
    by_source: Mapping[str, int]
    confidence: Sequence[Bucket]
    at: datetime


def act(tx: Transaction, policy: Policy, now: datetime) -> Stats:
    """Count it all, as it is now."""
    shares = _shares(tx, policy, now)
    return Stats(
        counts=store.counts.one(tx),
        relationships=sum(one.count for one in shares),
        active_relationships=sum(one.active for one in shares),
        by_source=_by_source(shares),
        confidence=[
            _bucket(first, [one for one in shares if one.bucket == number]) for number, first in enumerate(FIRSTS)
        ],
        at=now,
    )


def confidence(tx: Transaction, policy: Policy, now: datetime) -> list[int]:
    """How many relationships are in each bucket of confidence now, lowest first."""
    shares = _shares(tx, policy, now)
    return [sum(one.count for one in shares if one.bucket == number) for number in range(len(FIRSTS))]


def remember(tx: Transaction, counts: Sequence[int]) -> None:
    """Keep what `confidence` counted, for every process that tells of it."""
    store.remember(tx, counts)


def remembered(tx: Transaction) -> dict[str, int]:
    """What was kept last, by the bucket as `1-10`; empty where nothing was."""
    return {f"{first}-{first + 9}": count for first, count in zip(FIRSTS, store.remembered(tx), strict=False)}


def _shares(tx: Transaction, policy: Policy, now: datetime) -> list[store.Share]:
    half_life = policy.relationship_half_life_days
    bounds = [decay.rank_of_bound(bound, now, half_life) for bound in BOUNDS]
    return store.relationships(tx, bounds, decay.rank(1.0, now, half_life))


def _bucket(first: int, shares: Sequence[store.Share]) -> Bucket:
    return Bucket(first, first + 9, sum(one.count for one in shares), _by_source(shares))


def _by_source(shares: Sequence[store.Share]) -> dict[str, int]:
    return {source.value: sum(one.count for one in shares if one.source == source) for source in Source}
