"""The queries of a merge of visitors."""

from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.merging import Side, Tie
from graph.transaction import Transaction

side = query("merge/side", Side)
apply = query("merge/apply", Nothing)
_tie = query("merge/tie", Nothing)
allow = query("merge/allow", Nothing)


def tie(tx: Transaction, opening: Tie, *, evidence: str, at: datetime) -> None:
    """Open a tie with the method `merge`; `evidence` is JSON text."""
    _tie(tx, tenure_id=opening.tenure_id, anchor_id=opening.anchor_id, evidence=evidence, at=at)
