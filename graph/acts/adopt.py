"""Let tenures adopt again, after a claim or a tie below them was opened or closed."""

from collections.abc import Iterable
from datetime import datetime

from graph.rules import identifying
from graph.store import adopt as store
from graph.store import identify
from graph.transaction import Transaction


def choose_again(tx: Transaction, tenure_ids: Iterable[str], *, at: datetime) -> None:
    """Close and open what each tenure and those above it adopt, so that it follows from the open facts.

    The tenures' visitors must be locked.
    """
    for tenure_id in tenure_ids:
        closes, opens = identifying.choose_again(store.gather(tx, tenure_id=tenure_id))
        identify.resolve(tx, closes, opens, at=at)
