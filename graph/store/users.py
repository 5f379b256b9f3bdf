"""Users: the customer's own account ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Locked:
    """A user that is locked, and how many tenures are theirs, claimed or adopted."""

    user_id: str
    identity_id: str
    tenures: int


_lock = query("users/lock", Locked)


def lock(tx: Transaction, users: Sequence[tuple[str, str]], at: datetime) -> dict[str, Locked]:
    """Lock users given as (user id, identity id if new), making those there are not."""
    if not users:
        return {}
    rows = [{"user_id": user_id, "identity_id": identity_id, "at": at} for user_id, identity_id in users]
    locked = {row.user_id: row for row in _lock(tx, rows=rows)}
    tx.locks.take(Rung.USER, locked)
    return locked


@dataclass(frozen=True)
class User:
    """A user that something is known of."""

    user_id: str
    identity_id: str
    created_at: datetime
    visitors: int
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True)
class UserIds:
    """A user's ids."""

    user_id: str
    identity_id: str


get = query("users/get", User)
find = query("users/find", UserIds)
