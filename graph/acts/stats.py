"""Count what a tenant has in the graph, and its relationships by their confidence now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules import decay
from graph.rules.lag import IngestLag
from graph.rules.policy import Policy
from graph.rules.relationships import Source
from graph.store import stats as store
from graph.transaction import Transaction

#: The lowest confidence of each bucket but the first, which holds the rest.
BOUNDS = tuple(range(11, 101, 10))
FIRSTS = (1, *BOUNDS)
#: The time limit of a count, which takes longer the more there is: 0.9 s for 30,000 visitors and all that belongs to them.
SECONDS = 60.0
#: Of how many events the lag is, the latest ones: enough for a percentile, and read in a few milliseconds.
LATEST_EVENTS = 1_000


@dataclass(frozen=True)
class Bucket:
    """The number of relationships that are now shown with a confidence from `first` to `last`, in all and by source."""

    first: int
    last: int
    count: int
    by_source: Mapping[str, int]


@dataclass(frozen=True)
class Stats:
    """What a tenant has. A merged visitor's relationships are not counted apart, since they count in the survivor's."""

    counts: store.Counts
    relationships: int
    active_relationships: int
    by_source: Mapping[str, int]
    confidence: Sequence[Bucket]
    ingest_lag: IngestLag
    at: datetime


def act(tx: Transaction, policy: Policy, now: datetime) -> Stats:
    """Count what a tenant has at the time `now`."""
    shares = _shares(tx, policy, now)
    return Stats(
        counts=store.counts.one(tx),
        relationships=sum(share.count for share in shares),
        active_relationships=sum(share.active for share in shares),
        by_source=_by_source(shares),
        confidence=_buckets(shares),
        ingest_lag=IngestLag.of(store.lags(tx, limit=LATEST_EVENTS)),
        at=now,
    )


def buckets(tx: Transaction, policy: Policy, now: datetime) -> list[Bucket]:
    """Return the relationships in each bucket of confidence at the time `now`, lowest bucket first."""
    return _buckets(_shares(tx, policy, now))


def confidence(tx: Transaction, policy: Policy, now: datetime) -> list[int]:
    """Return the number of relationships in each bucket of confidence now, lowest bucket first."""
    return [bucket.count for bucket in buckets(tx, policy, now)]


def remember(tx: Transaction, counts: Sequence[int]) -> None:
    """Store what `confidence` counted, for the metrics of every process."""
    store.remember(tx, counts)


def remembered(tx: Transaction) -> dict[str, int]:
    """Return the counts that were stored last, by bucket such as `1-10`; empty if none were."""
    return {f"{first}-{first + 9}": count for first, count in zip(FIRSTS, store.remembered(tx), strict=False)}


def _shares(tx: Transaction, policy: Policy, now: datetime) -> list[store.Share]:
    half_life = policy.relationship_half_life_days
    bounds = [decay.rank_of_bound(bound, now, half_life) for bound in BOUNDS]
    return store.relationships(tx, bounds, decay.rank(1.0, now, half_life))


def _buckets(shares: Sequence[store.Share]) -> list[Bucket]:
    return [
        _bucket(first, [share for share in shares if share.bucket == number]) for number, first in enumerate(FIRSTS)
    ]


def _bucket(first: int, shares: Sequence[store.Share]) -> Bucket:
    return Bucket(first, first + 9, sum(share.count for share in shares), _by_source(shares))


def _by_source(shares: Sequence[store.Share]) -> dict[str, int]:
    return {source.value: sum(share.count for share in shares if share.source == source) for source in Source}
