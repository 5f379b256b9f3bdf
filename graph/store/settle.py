"""The queries that settle whose the first tenures of a visitor's jars are."""

from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.rules.turns import ClaimThere, Unclaimed
from graph.rules.weighing import UserThere


@dataclass(frozen=True)
class UsersThere:
    """A visitor's users, ten at most, and what they claimed on its own jars."""

    users: list[UserThere]
    claims: list[ClaimThere]


@dataclass(frozen=True)
class Turns(UsersThere):
    """The same, with the first tenures of the visitor's jars that nobody claimed.

    `machines` is how many machines the visitor turned out to be, and `recent_users` are as `graph.rules.kiosk` keeps them.
    """

    machines: int
    recent_users: list[str]
    tenures: list[Unclaimed]


gather = query("settle/gather", Turns)
claims = query("settle/claims", UsersThere)
tie = query("settle/tie", Nothing)
uninfer = query("settle/uninfer", Nothing)
