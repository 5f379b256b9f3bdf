"""Let tenures choose again whom they follow, after a claim or a tie below them was opened or closed."""

from collections.abc import Iterable
from datetime import datetime

from graph.rules import identifying
from graph.store import adopt as store
from graph.store import identify
from graph.transaction import Transaction


def again(tx: Transaction, tenure_ids: Iterable[str], *, at: datetime) -> None:
    """Make what each tenure and those above it adopted follow from the open facts; their visitors are locked."""
    for tenure_id in tenure_ids:
        closes, opens = identifying.choose_again(store.gather(tx, tenure_id=tenure_id))
        identify.resolve(tx, closes, opens, at=at)
