"""Whether reads include users and relationships."""

from graph.queries import Nothing
from graph.query import query
from graph.rules.relationships import Group
from graph.transaction import Transaction

_of_user = query("visibility/of_user", Nothing)
_of_relationship = query("visibility/of_relationship", Nothing)


def of_user(tx: Transaction, user_id: str, *, visible: bool) -> None:
    """Hide or show a user."""
    _of_user(tx, user_id=user_id, hidden=None if visible else True)


def of_relationship(tx: Transaction, group: Group) -> None:
    """Write, on each edge of a user and a merge group, whether that pair is hidden and whether the group is visible."""
    rows = [
        {
            "user_id": group.user_id,
            "visitor_id": visitor_id,
            "hidden": True if visitor_id in group.hidden else None,
            "visible": group.is_visible,
        }
        for visitor_id in sorted({group.survivor_id, *group.records})
    ]
    _of_relationship(tx, rows=rows)
