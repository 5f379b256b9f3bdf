"""What may be read of users and relationships."""

from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.rules.relationships import Group
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class _Hidden:
    hidden: bool


_lock_user = query("visibility/lock_user", _Hidden)
_of_user = query("visibility/of_user", Nothing)
_of_relationship = query("visibility/of_relationship", Nothing)


def lock_user(tx: Transaction, user_id: str) -> bool | None:
    """Lock a user and say whether it is visible; None where nothing is known of it."""
    rows = _lock_user(tx, user_id=user_id)
    if not rows:
        return None
    tx.locks.take(Rung.USER, [user_id])
    return not rows[0].hidden


def of_user(tx: Transaction, user_id: str, *, visible: bool) -> None:
    """Show or hide a user."""
    _of_user(tx, user_id=user_id, hidden=None if visible else True)


def of_relationship(tx: Transaction, group: Group) -> None:
    """Keep what was said of a user and of visitors that are one, and whether that shows them."""
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
