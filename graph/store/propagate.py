"""The queries that carry a login on."""

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
    """The inferences of a tenure that lead to a user.

    `leads` is the number of all, and `by_claim` of those that lead to the user by way of another tenure and rest on the
    claim asked for. `carried_at` is the time of the login that was carried on to the tenure. `is_forbidden` says that a
    cannot-link separates the tenure from the user.
    """

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
    """Return the neighbours of the visitors in these weeks.

    A neighbour that a cannot-link separates from the visitor, or from the origin of the login, is left out. So is a
    `crowd` of more merge groups than that at one address.
    """
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
    """Return the inferences of each tenure that lead to the user already, by tenure."""
    rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
    return {row.tenure_id: row for row in _gather(tx, user_id=user_id, claim=claim, rows=rows)}
