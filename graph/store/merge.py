"""The queries of a merge of visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.merging import Side, Tie
from graph.transaction import Transaction


@dataclass(frozen=True)
class _User:
    user_id: str


side = query("merge/side", Side)
apply = query("merge/apply", Nothing)
_forbidden = query("merge/forbidden", _User)
_tie = query("merge/tie", Nothing)
allow = query("merge/allow", Nothing)


def forbidden(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Return the users whom a cannot-link, open or closed, separates from any of these visitors."""
    return {row.user_id for row in _forbidden(tx, visitor_ids=visitor_ids)}


def tie(tx: Transaction, opening: Tie, *, evidence: str, at: datetime) -> None:
    """Open a tie with the method `merge`; `evidence` is JSON text."""
    _tie(tx, tenure_id=opening.tenure_id, anchor_id=opening.anchor_id, evidence=evidence, at=at)
