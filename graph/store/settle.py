"""The queries that settle whose the first tenures of a visitor's jars are."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.turns import ClaimThere, Unclaimed
from graph.rules.weighing import UserThere
from graph.transaction import Transaction


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


@dataclass(frozen=True)
class _Forgotten:
    formerly: list[str]


gather = query("settle/gather", Turns)
claims = query("settle/claims", UsersThere)
tie = query("settle/tie", Nothing)
uninfer = query("settle/uninfer", Nothing)
_forget = query("settle/forget", _Forgotten)


def forget(tx: Transaction, jar_id: str, at: datetime) -> list[str]:
    """Forget the recent users of a jar's visitor who logged in when the jar had come back.

    `at` is the time of a visit of the jar that arrives late, and is about to be written. Returns whom one knew before, and
    nobody if none is forgotten.
    """
    found = _forget.one_or_none(tx, jar_id=jar_id, at=at)
    return found.formerly if found else []
