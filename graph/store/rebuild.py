"""The queries of a rebuild: they read merge groups in the order of their survivors' ids, and close or rate inferences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules import matching
from graph.rules.probable import Link
from graph.rules.propagation import Neighbour, Reached
from graph.rules.rebuilding import GroupFacts
from graph.transaction import Transaction


@dataclass(frozen=True)
class _KnownIdentity:
    identity_id: str
    tenure_id: str


@dataclass(frozen=True)
class Nearby:
    """The visitors that a login may be carried on to, beside some visitors, and the inferences that its user has.

    `leading` is how many tenures had an inference to the login's merge group when the login came in.
    """

    i: int
    neighbours: list[Neighbour]
    inferred: list[Link]
    leading: int


@dataclass(frozen=True)
class _Uncarried:
    tenure_id: str


#: Returns at most `limit` merge groups in the order of their survivors' ids, from the id `first` on.
groups = query("rebuild/groups", GroupFacts)
_known = query("rebuild/known", _KnownIdentity)
_neighbours = query("rebuild/neighbours", Nearby)
_uncarried = query("rebuild/uncarried", _Uncarried)
close = query("rebuild/close", Nothing)
rate = query("rebuild/rate", Nothing)


def known(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, str]:
    """Return the tenure that an inference to each identity leads to; an identity without one is left out.

    It is the tenure itself, or the tenure that a user claimed last.
    """
    if not identity_ids:
        return {}
    return {row.identity_id: row.tenure_id for row in _known(tx, identity_ids=identity_ids)}


def neighbours(
    tx: Transaction,
    user_id: str,
    survivor_id: str,
    from_ids: Sequence[str],
    *,
    weeks: Sequence[str],
    crowd: int,
    shared_by_max: int,
    received_at: datetime,
) -> Nearby:
    """Return whom a user's login in a merge group may be carried on to, beside these visitors, in these weeks."""
    row = {
        "i": 0,
        "user_id": user_id,
        "survivor_id": survivor_id,
        "from_ids": from_ids,
        "weeks": weeks,
        "crowd": crowd,
        "shared_by_max": shared_by_max,
        "received_at": received_at,
    }
    unknown = sorted(matching.UNKNOWN_BROWSERS)
    found = _neighbours(tx, rows=[row], places_max=crowd * len(weeks), unknown_browsers=unknown)
    return found[0] if found else Nearby(0, [], [], 0)


def uncarried(tx: Transaction, user_id: str, reached: Sequence[Reached]) -> list[Reached]:
    """Return those of the reached tenures that have no inference to the user, nor had one, and that may have one."""
    rows = [
        {"user_id": user_id, "tenure_id": path.tenure_id, "passed_ids": [*path.via, path.tenure_id]} for path in reached
    ]
    found = {row.tenure_id for row in _uncarried(tx, rows=rows)} if rows else set()
    return [path for path in reached if path.tenure_id in found]
