"""What a merge of visitors reads and writes."""

from collections.abc import Sequence
from datetime import datetime

from graph.queries import Nothing, query
from graph.rules.merging import Side, Tie
from graph.transaction import Transaction

_side = query("merge/side", Side)
_apply = query("merge/apply", Nothing)
_tie = query("merge/tie", Nothing)
_allow = query("merge/allow", Nothing)


def side(tx: Transaction, visitor_id: str, *, without: str | None = None) -> Side:
    """A visitor with all that was merged into it, but for what came by way of `without`."""
    return _side(tx, visitor_id=visitor_id, without=without)[0]


def apply(
    tx: Transaction,
    visitor_id: str,
    into_id: str,
    *,
    at: datetime,
) -> None:
    """Merge a visitor into another."""
    _apply(tx, visitor_id=visitor_id, into_id=into_id, at=at)


def tie(
    tx: Transaction,
    one: Tie,
    *,
    evidence: str,
    at: datetime,
) -> None:
    """Tie a tenure to an anchor, as a merge has it."""
    _tie(tx, tenure_id=one.tenure_id, anchor_id=one.anchor_id, evidence=evidence, at=at)


def allow(
    tx: Transaction,
    visitor_ids: Sequence[str],
    other_ids: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Close what was said against visitors of the two sides being one."""
    _allow(tx, visitor_ids=visitor_ids, other_ids=other_ids, at=at)
