"""Rank relationships anew after the tenant's half-life was changed: ranks of two half-lives do not compare."""

from collections.abc import Sequence

from graph.database import Transaction
from graph.rules.decay import rank
from graph.rules.policy import Policy
from graph.store import rerank as store

BATCH = 500
FIRST: store.Pair = ("", "")


def is_due(tx: Transaction, tenant: str, policy: Policy) -> bool:
    """Whether the relationships are ranked by another half-life than the policy's."""
    return store.ranked_by(tx, tenant) != policy.relationship_half_life_days


def page(tx: Transaction, tenant: str, after: store.Pair) -> list[store.Pair]:
    """The next batch of relationships after one."""
    return store.page(tx, tenant, after=after, limit=BATCH)


def act(tx: Transaction, tenant: str, pairs: Sequence[store.Pair], policy: Policy) -> int:
    """Give a batch of relationships the rank they have by the policy."""
    half_life = policy.relationship_half_life_days
    found = store.lock(tx, tenant, pairs)
    ranks = {(one.user_id, one.visitor_id): rank(one.confidence, one.last_seen, half_life) for one in found}
    store.apply(tx, tenant, ranks)
    return len(ranks)


def remember(tx: Transaction, tenant: str, policy: Policy) -> None:
    """Note that all are ranked by the policy's half-life now."""
    store.remember(tx, tenant, policy.relationship_half_life_days)
