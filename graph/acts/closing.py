"""When something that is closed on visitors counts as closed."""

from collections.abc import Collection
from datetime import datetime

from graph.database import Transaction
from graph.errors import Overtaken
from graph.store import visitors


def times(
    tx: Transaction, tenant: str, visitor_ids: Collection[str], *, at: datetime, locked: Collection[str]
) -> dict[str, datetime]:
    """The time by visitor, those that they are one with included; what comes in there from now on counts as after it.

    That is `at`, or when the last came in there, where a clock was ahead. Raises `Overtaken` where one is not locked.
    """
    found = visitors.closing(tx, tenant, sorted(visitor_ids), at=at) if visitor_ids else {}
    if not found.keys() <= set(locked):
        raise Overtaken("a visitor was merged just now")
    return found
