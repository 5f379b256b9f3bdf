"""What a tenure that chooses again whom it follows reads."""

from graph.database import Transaction
from graph.queries import query
from graph.rules.identifying import Above

_gather = query("adopt/gather", Above)


def gather(tx: Transaction, tenant: str, tenure_id: str) -> list[Above]:
    """A tenure and those above it, nearest first; the rivals of the first are all of its children."""
    return _gather(tx, tenant=tenant, tenure_id=tenure_id)
