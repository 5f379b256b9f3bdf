"""What carrying a login on reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
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
inferred = query("propagate/inferred", Link)
_gather = query("propagate/gather", Known)
propagate = query("propagate/apply", Nothing)
withdraw = query("propagate/withdraw", Nothing)
let_go = query("propagate/let_go", Nothing)


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


def gather(tx: Transaction, user_id: str, claim: str, tenure_ids: Sequence[str]) -> dict[str, Known]:
    """What tenures have that leads to a user already."""
    rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
    return {row.tenure_id: row for row in _gather(tx, user_id=user_id, claim=claim, rows=rows)}
