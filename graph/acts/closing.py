"""When something that is closed on visitors counts as closed."""

from collections.abc import Collection
from datetime import datetime

from graph.store import visitors
from graph.transaction import Rung, Transaction


def times(tx: Transaction, visitor_ids: Collection[str], *, at: datetime) -> dict[str, datetime]:
    """The time by visitor, those that they are one with included; what comes in there from now on counts as after it.

    That is `at`, or when the last came in there, where a clock was ahead. Raises `Overtaken` where one is not locked.
    """
    found = visitors.closing(tx, sorted(visitor_ids), at=at) if visitor_ids else {}
    tx.locks.require(Rung.VISITOR, found, "a visitor was merged just now")
    return found
