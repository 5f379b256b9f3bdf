"""What carrying a login on reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows, query
from graph.rules import matching
from graph.rules.probable import Link
from graph.rules.propagation import Neighbour
from graph.transaction import Transaction


@dataclass(frozen=True)
class Known:
    """What a tenure has that leads to a user: how many inferences, and when one was carried on to it last."""

    tenure_id: str
    leads: int
    by_claim: int
    carried_at: datetime | None
    is_forbidden: bool


_neighbours = query("propagate/neighbours", Neighbour)
_inferred = query("propagate/inferred", Link)
_gather = query("propagate/gather", Known)
_apply = query("propagate/apply", Nothing)
_withdraw = query("propagate/withdraw", Nothing)
_let_go = query("propagate/let_go", Nothing)


def neighbours(
    tx: Transaction, origin_id: str, visitor_ids: Sequence[str], *, weeks: Sequence[str], crowd: int
) -> list[Neighbour]:
    """Who was seen with the same browser at the same address as the visitors in those weeks; nobody who cannot be the origin."""
    return _neighbours(
        tx,
        origin_id=origin_id,
        visitor_ids=visitor_ids,
        weeks=weeks,
        crowd=crowd,
        places_max=crowd * len(weeks),
        unknown_browsers=sorted(matching.UNKNOWN_BROWSERS),
    )


def inferred(tx: Transaction, user_id: str) -> list[Link]:
    """The inferences that point to a user, each with the tenure it comes from."""
    return _inferred(tx, user_id=user_id)


def gather(tx: Transaction, user_id: str, claim: str, tenure_ids: Sequence[str]) -> dict[str, Known]:
    """What tenures have that leads to a user already."""
    rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
    return {row.tenure_id: row for row in _gather(tx, user_id=user_id, claim=claim, rows=rows)}


def propagate(
    tx: Transaction,
    user_id: str,
    claim: str,
    rows: Rows,
    *,
    at: datetime,
) -> None:
    """Write down that tenures are probably a user's because of a claim, or are so still."""
    _apply(tx, user_id=user_id, claim=claim, rows=rows, at=at)


def withdraw(
    tx: Transaction,
    rows: Rows,
    *,
    at: datetime,
) -> None:
    """Close the inferences that contradict whose tenures now are."""
    _withdraw(tx, rows=rows, at=at)


def let_go(
    tx: Transaction,
    user_id: str,
    claim: str,
    moved_to: str | None,
    *,
    at: datetime,
) -> None:
    """Take a claim from what it was carried on to, or put the tenure in its place that it went to."""
    _let_go(tx, user_id=user_id, claim=claim, moved_to=moved_to, at=at)
