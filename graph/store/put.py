"""The query of a statement that claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class _Used:
    visitor_id: str
    session_id: str
    jar_id: str


_lock = query("put/lock", _Used)


def lock(tx: Transaction, visitor_ids: Sequence[str]) -> dict[str, str]:
    """Lock the jar that each visitor's merge group was last used by, and return the latest session there, by visitor."""
    if not visitor_ids:
        return {}
    rows = _lock(tx, visitor_ids=visitor_ids)
    tx.locks.take(Rung.JAR, {row.jar_id for row in rows})
    return {row.visitor_id: row.session_id for row in rows}
