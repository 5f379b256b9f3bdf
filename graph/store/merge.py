"""What a merge of visitors reads and writes."""

from collections.abc import Sequence
from datetime import datetime

from graph.database import Transaction
from graph.queries import Nothing, query
from graph.rules.merging import Side, Tie

_side = query("merge/side", Side)
_apply = query("merge/apply", Nothing)
_tie = query("merge/tie", Nothing)
_allow = query("merge/allow", Nothing)


def side(tx: Transaction, tenant: str, visitor_id: str, *, without: str | None = None) -> Side:
    """A visitor with all that was merged into it, but for what came by way of `without`."""
    return _side(tx, tenant=tenant, visitor_id=visitor_id, without=without)[0]


def apply(
    tx: Transaction,
    tenant: str,
    visitor_id: str,
    into_id: str,
    *,
    at: datetime,
    reason: str | None,
    actor: str,
    change_id: str,
) -> None:
    """Merge a visitor into another."""
    _apply(
        tx,
        tenant=tenant,
        visitor_id=visitor_id,
        into_id=into_id,
        at=at,
        reason=reason,
        actor=actor,
        change_id=change_id,
    )


def tie(tx: Transaction, tenant: str, one: Tie, *, evidence: str, at: datetime, change_id: str) -> None:
    """Tie a tenure to an anchor, as a merge has it."""
    _tie(
        tx,
        tenant=tenant,
        tenure_id=one.tenure_id,
        anchor_id=one.anchor_id,
        evidence=evidence,
        at=at,
        change_id=change_id,
    )


def allow(
    tx: Transaction, tenant: str, visitor_ids: Sequence[str], other_ids: Sequence[str], *, at: datetime, change_id: str
) -> None:
    """Close what was said against visitors of the two sides being one."""
    _allow(tx, tenant=tenant, visitor_ids=visitor_ids, other_ids=other_ids, at=at, change_id=change_id)
