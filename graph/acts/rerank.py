"""Rank all relationships again after the tenant's half-life changed: ranks of two half-lives cannot be compared."""

from collections.abc import Sequence

from graph.rules.decay import rank
from graph.rules.policy import Policy
from graph.rules.relationships import Pair
from graph.store import rerank as store
from graph.store import visitors
from graph.transaction import Transaction

#: How many relationships one transaction ranks.
BATCH = 500
FIRST: Pair = ("", "")


def is_due(tx: Transaction, policy: Policy) -> bool:
    """Whether the relationships are ranked by another half-life than the policy's."""
    return store.ranked_by(tx) != policy.relationship_half_life_days


def page(tx: Transaction, after: Pair) -> list[Pair]:
    """Return the next batch of relationships after this one, by user id and visitor id."""
    return store.page(tx, after=after, limit=BATCH)


def act(tx: Transaction, pairs: Sequence[Pair], policy: Policy) -> int:
    """Rank a batch of relationships by the policy's half-life; return how many they were."""
    visitors.lock_group(tx, sorted({visitor_id for _, visitor_id in pairs}))
    worths = store.gather(tx, pairs)
    half_life = policy.relationship_half_life_days
    ranks = {(worth.user_id, worth.visitor_id): rank(worth.confidence, worth.last_seen, half_life) for worth in worths}
    store.apply(tx, ranks)
    return len(ranks)


def remember(tx: Transaction, policy: Policy) -> None:
    """Note that all relationships are ranked by the policy's half-life."""
    store.remember(tx, half_life_days=policy.relationship_half_life_days)
