"""Decide the time at which something is closed on visitors."""

from collections.abc import Collection
from datetime import datetime

from graph.store import visitors
from graph.transaction import Rung, Transaction


def times(tx: Transaction, visitor_ids: Collection[str], *, at: datetime) -> dict[str, datetime]:
    """Return when something is closed, for each visitor of the merge groups of these visitors.

    The time is the latest of three: `at`, when the group last received a call, and when something was last closed
    there. It is noted on the group's visitors, so whatever they receive from now on counts as later
    (docs/decisions/0016).

    Raises:
        Overtaken: A visitor of a merge group is not locked.
    """
    closed_at = visitors.closing(tx, sorted(visitor_ids), at=at) if visitor_ids else {}
    tx.locks.require(Rung.VISITOR, closed_at, "a visitor was merged just now")
    return closed_at
