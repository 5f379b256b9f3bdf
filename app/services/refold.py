"""Make the relationships of merged visitors count for the one they were merged into, or no longer."""

from graph.database import Transaction
from graph.rules import relationships as rules
from graph.rules.policy import Policy
from graph.store import relationships as store


def known(tx: Transaction, tenant: str, survivor_id: str) -> dict[str, rules.Group]:
    """What is known of each user on a visitor and on all that were merged into it."""
    return {group.user_id: group for group in store.of_group(tx, tenant, survivor_id)}


def act(tx: Transaction, tenant: str, survivor_id: str, policy: Policy) -> None:
    """Write what each user's relationship with a visitor comes to, merged visitors and all; they are locked already."""
    edges: list[store.Edge] = []
    empty: list[store.Pair] = []
    for user_id, group in known(tx, tenant, survivor_id).items():
        weighed = group.weighed(policy)
        if weighed is None:
            empty.append((user_id, survivor_id))
            continue
        for one, own in group.records.items():
            if one != survivor_id and own:
                edges.append(store.Edge.of(group, one, rules.weigh(own, policy), is_listed=False))
            elif one != survivor_id:
                empty.append((user_id, one))
        edges.append(store.Edge.of(group, survivor_id, weighed, is_listed=True))
    store.apply(tx, tenant, sorted(edges, key=lambda edge: (edge.user_id, edge.visitor_id)))
    store.drop(tx, tenant, empty)
