"""Users: the customer's own account ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.errors import Overtaken
from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Locked:
    """A locked user."""

    user_id: str
    identity_id: str
    created_at: datetime


_lock = query("users/lock", Locked)


def lock(tx: Transaction, users: Sequence[tuple[str, str | None]], at: datetime) -> dict[str, Locked]:
    """Lock users, given as (user id, identity id for a new user), and create those who do not exist; return them by id.

    A user without an identity id is not created.

    Raises:
        Overtaken: A user was erased while this act waited for the lock.
    """
    return lock_each(tx, [(user_id, identity_id, at) for user_id, identity_id in users])


def lock_each(tx: Transaction, users: Sequence[tuple[str, str | None, datetime]]) -> dict[str, Locked]:
    """`lock`, for users each of whom, if new, was created at a time of its own.

    Raises:
        Overtaken: A user was erased while this act waited for the lock.
    """
    rows = [{"user_id": user_id, "identity_id": identity_id, "at": at} for user_id, identity_id, at in users]
    locked = {row.user_id: row for row in _lock(tx, rows=rows)}
    if locked.keys() != {row["user_id"] for row in rows}:
        raise Overtaken("a user was erased just now")
    tx.locks.take(Rung.USER, locked)
    return locked


@dataclass(frozen=True)
class User:
    """A user as it is read: `visitors` is how many visitors it has a visible relationship with, merge groups as one.

    `identity_id` is that of all users linked with it. `linked_user_ids` are those linked with it directly.
    """

    user_id: str
    identity_id: str
    created_at: datetime
    visitors: int
    first_seen: datetime | None
    last_seen: datetime | None
    linked_user_ids: list[str]


@dataclass(frozen=True)
class UserIds:
    user_id: str
    identity_id: str


get = query("users/get", User)
find = query("users/find", UserIds)
