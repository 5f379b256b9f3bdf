"""The links of users that are one person's accounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules import linking
from graph.rules.linking import LinkedUser, UserPair
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class _UserId:
    user_id: str


@dataclass(frozen=True)
class LinkThere:
    """A link that was open at a time, with the user at its other end, and the change that made it."""

    other_id: str
    since: datetime
    change_id: str


@dataclass(frozen=True)
class LinkedThen:
    """A user with the links that were open at a time."""

    user_id: str
    identity_id: str
    created_at: datetime
    is_hidden: bool
    links: list[LinkThere]


_gather = query("link/gather", LinkedUser)
_lock = query("link/lock", _UserId)
apply = query("link/apply", Nothing)
close = query("link/close", Nothing)
_write = query("link/write", Nothing)
_at = query("link/at", LinkedThen)


def gather(tx: Transaction, user_ids: Collection[str]) -> dict[str, LinkedUser]:
    """Return users, by id, with all users linked with them; an unknown user is left out."""
    return {user.user_id: user for user in _gather(tx, user_ids=sorted(user_ids))}


def lock(tx: Transaction, user_ids: Collection[str]) -> set[str]:
    """Lock users, and return the ids of those who exist and have any edge."""
    locked = {row.user_id for row in _lock(tx, user_ids=sorted(user_ids))}
    tx.locks.take(Rung.USER, locked)
    return locked


def write(tx: Transaction, linked_ids: Mapping[str, str | None]) -> None:
    """Write to which identity each user belongs by links."""
    if linked_ids:
        rows = [{"user_id": user_id, "linked_id": linked_ids[user_id]} for user_id in sorted(linked_ids)]
        _write(tx, rows=rows)


@dataclass(frozen=True)
class LinksThen:
    """Users that were linked with each other at a time, and their links, each once."""

    users: Mapping[str, LinkedThen]

    @property
    def pairs(self) -> set[UserPair]:
        """The ids of each two users that were linked."""
        return {
            (min(id_, link.other_id), max(id_, link.other_id))
            for id_, user in self.users.items()
            for link in user.links
        }

    def link(self, one: str, other: str) -> LinkThere:
        """Return the link of two users."""
        return next(link for link in self.users[one].links if link.other_id == other)

    def linked_ids(self) -> dict[str, str | None]:
        """Return the identity that each user had by links, by user id."""
        return linking.linked_ids(self.users, self.pairs)

    def shown(self, identity_id: str) -> dict[str, LinkedThen]:
        """Return the users that make an identity by links, by user id, without hidden ones; none if no links make it."""
        linked_ids = self.linked_ids()
        return {
            user_id: user
            for user_id, user in self.users.items()
            if linked_ids[user_id] == identity_id and not user.is_hidden
        }


def at(tx: Transaction, user_ids: Collection[str], *, at: datetime) -> LinksThen:
    """Return users, and all that were linked with them at a time, directly or by others."""
    users: dict[str, LinkedThen] = {}
    ahead = set(user_ids)
    while ahead:
        found = {user.user_id: user for user in _at(tx, user_ids=sorted(ahead), at=at)}
        users |= found
        ahead = {link.other_id for user in found.values() for link in user.links} - users.keys()
    return LinksThen(users)
