"""Rank relationships anew after the tenant's half-life was changed: ranks of two half-lives do not compare."""

from collections.abc import Sequence

from graph.rules.decay import rank
from graph.rules.policy import Policy
from graph.store import rerank as store
from graph.transaction import Transaction

BATCH = 500
FIRST: store.Pair = ("", "")


def is_due(tx: Transaction, policy: Policy) -> bool:
    """Whether the relationships are ranked by another half-life than the policy's."""
    return store.ranked_by(tx) != policy.relationship_half_life_days


def page(tx: Transaction, after: store.Pair) -> list[store.Pair]:
    """The next batch of relationships after one."""
    return store.page(tx, after=after, limit=BATCH)


def act(tx: Transaction, pairs: Sequence[store.Pair], policy: Policy) -> int:
    """Give a batch of relationships the rank they have by the policy."""
    half_life = policy.relationship_half_life_days
    found = store.lock(tx, pairs)
    ranks = {(one.user_id, one.visitor_id): rank(one.confidence, one.last_seen, half_life) for one in found}
    store.apply(tx, ranks)
    return len(ranks)


def remember(tx: Transaction, policy: Policy) -> None:
    """Note that all are ranked by the policy's half-life now."""
    store.remember(tx, half_life_days=policy.relationship_half_life_days)
