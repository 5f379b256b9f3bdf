"""What a merge of visitors reads and writes."""

from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.merging import Side, Tie
from graph.transaction import Transaction

side = query("merge/side", Side)
apply = query("merge/apply", Nothing)
_tie = query("merge/tie", Nothing)
allow = query("merge/allow", Nothing)


def tie(tx: Transaction, one: Tie, *, evidence: str, at: datetime) -> None:
    """Tie a tenure to an anchor, as a merge has it."""
    _tie(tx, tenure_id=one.tenure_id, anchor_id=one.anchor_id, evidence=evidence, at=at)
