"""What a tenure that chooses again whom it follows reads."""

from graph.queries import query
from graph.rules.identifying import Above
from graph.transaction import Transaction

_gather = query("adopt/gather", Above)


def gather(tx: Transaction, tenure_id: str) -> list[Above]:
    """A tenure and those above it, nearest first; the rivals of the first are all of its children."""
    return _gather(tx, tenure_id=tenure_id)
