"""The queries that carry logins on."""

from dataclasses import dataclass

from graph.queries import Nothing, Rows
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Carried:
    """What carrying a login on came to.

    `opened` is the number of new inferences. `following` is the number of tenures that an older inference leads to the
    user by this claim. `left_out` is the number of tenures for which there was no room.
    """

    i: int
    opened: int
    following: int
    left_out: int


_apply = query("propagate/apply", Carried)
let_go = query("propagate/let_go", Nothing)


def apply(tx: Transaction, rows: Rows) -> dict[int, Carried]:
    """Carry logins on, each along its paths, and return what that came to by `i`."""
    return {row.i: row for row in _apply(tx, rows=rows)}
