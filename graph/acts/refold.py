"""Fold the relationships of a merge group on its survivor's edges, after the group or its records changed."""

from collections.abc import Iterable

from graph.rules import relationships as rules
from graph.rules.policy import Policy
from graph.rules.relationships import Pair
from graph.store import relationships as store
from graph.transaction import Transaction


def known(tx: Transaction, survivor_id: str) -> dict[str, rules.Group]:
    """Return the records of each user who has a relationship with a visitor of the survivor's merge group, by user."""
    return {group.user_id: group for group in store.of_group(tx, survivor_id)}


def act(tx: Transaction, survivor_id: str, policy: Policy) -> None:
    """Fold each user's records of the merge group again, and write the edges. The group must be locked."""
    write(tx, known(tx, survivor_id).values(), policy)


def write(tx: Transaction, groups: Iterable[rules.Group], policy: Policy) -> None:
    """Write the edges of each group: a merged visitor's has its own records, the survivor's also has the folded figure.

    An edge without anything to hold is removed.
    """
    edges: list[store.Edge] = []
    empty: list[Pair] = []
    for group in groups:
        weighed = group.weighed(policy)
        for visitor_id in {group.survivor_id, *group.records}:
            own = group.of(visitor_id)
            if visitor_id == group.survivor_id and weighed is not None:
                edges.append(store.Edge.of(group, visitor_id, weighed, is_listed=True))
            elif own:
                edges.append(store.Edge.of(group, visitor_id, rules.weigh(own, policy), is_listed=False))
            else:
                empty.append((group.user_id, visitor_id))
    store.apply(tx, sorted(edges, key=lambda edge: (edge.user_id, edge.visitor_id)))
    store.drop(tx, empty)
