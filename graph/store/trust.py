"""The queries by which a contradicted jar is trusted again."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class LockedJar:
    """A locked jar's visitor, and when its name turned out to be no browser's; None if it did not."""

    visitor_id: str
    contradicted_at: datetime | None


_lock = query("trust/lock", LockedJar)
apply = query("trust/apply", Nothing)


def lock(tx: Transaction, jar_id: str) -> LockedJar | None:
    """Lock a jar; return None if there is none in a visitor."""
    locked = _lock.one_or_none(tx, jar_id=jar_id)
    if locked is not None:
        tx.locks.take(Rung.JAR, [jar_id])
    return locked
