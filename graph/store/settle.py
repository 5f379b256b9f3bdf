"""The queries that settle whose the first tenures of a visitor's jars are."""

from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.rules.turns import ClaimThere, Unclaimed
from graph.rules.weighing import UserThere


@dataclass(frozen=True)
class Turns:
    """A visitor's jars' first tenures that nobody claimed, and the claims and users of its merge group.

    `machines` is how many machines the visitor turned out to be, and `recent_users` are as `graph.rules.kiosk` keeps them.
    """

    machines: int
    recent_users: list[str]
    tenures: list[Unclaimed]
    claims: list[ClaimThere]
    users: list[UserThere]


gather = query("settle/gather", Turns)
tie = query("settle/tie", Nothing)
uninfer = query("settle/uninfer", Nothing)
