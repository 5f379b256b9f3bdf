"""What a statement that claims reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Transaction
from graph.queries import query


@dataclass(frozen=True)
class _Used:
    visitor_id: str
    session_id: str


_lock = query("put/lock", _Used)


def lock(tx: Transaction, tenant: str, visitor_ids: Sequence[str]) -> dict[str, str]:
    """Lock the jars that visitors were last used by; the session that was, by visitor."""
    if not visitor_ids:
        return {}
    return {row.visitor_id: row.session_id for row in _lock(tx, tenant=tenant, visitor_ids=visitor_ids)}
