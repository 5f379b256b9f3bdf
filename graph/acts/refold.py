"""Make the relationships of merged visitors count for the one they were merged into, or no longer."""

from collections.abc import Iterable

from graph.rules import relationships as rules
from graph.rules.policy import Policy
from graph.store import relationships as store
from graph.transaction import Transaction


def known(tx: Transaction, survivor_id: str) -> dict[str, rules.Group]:
    """What is known of each user on a visitor and on all that were merged into it."""
    return {group.user_id: group for group in store.of_group(tx, survivor_id)}


def act(tx: Transaction, survivor_id: str, policy: Policy) -> None:
    """Write what each user's relationship with a visitor comes to, merged visitors and all; they are locked already."""
    write(tx, known(tx, survivor_id).values(), policy)


def write(tx: Transaction, groups: Iterable[rules.Group], policy: Policy) -> None:
    """Write what is known of users on visitors, and on those merged into them, and what it comes to."""
    edges: list[store.Edge] = []
    empty: list[store.Pair] = []
    for group in groups:
        weighed = group.weighed(policy)
        for one in {group.survivor_id, *group.records}:
            own = group.of(one)
            if one == group.survivor_id and weighed is not None:
                edges.append(store.Edge.of(group, one, weighed, is_listed=True))
            elif own:
                edges.append(store.Edge.of(group, one, rules.weigh(own, policy), is_listed=False))
            else:
                empty.append((group.user_id, one))
    store.apply(tx, sorted(edges, key=lambda edge: (edge.user_id, edge.visitor_id)))
    store.drop(tx, empty)
