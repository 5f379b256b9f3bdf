"""Decide to which identity each of several linked users belongs: to that of the oldest of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar


class Linkable(Protocol):
    """A user, and whether reads leave the user out."""

    @property
    def user_id(self) -> str: ...
    @property
    def identity_id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def is_hidden(self) -> bool: ...


U = TypeVar("U", bound=Linkable)
#: The ids of two linked users.
UserPair = tuple[str, str]


@dataclass(frozen=True)
class LinkedUser:
    """A user with `linked_id`, the identity of all users linked with it; None if it is linked with nobody.

    `linked_to` are the users that a caller linked this one to; those that were linked to this one are not among them.
    """

    user_id: str
    identity_id: str
    created_at: datetime
    is_hidden: bool
    linked_id: str | None
    linked_to: Sequence[str]


def pairs(users: Iterable[LinkedUser]) -> set[UserPair]:
    """Return the links of users."""
    return {(user.user_id, other_id) for user in users for other_id in user.linked_to}


def components(users: Mapping[str, U], links: Collection[UserPair]) -> list[list[U]]:
    """Return users, given by id, in groups: those of a group are linked with each other, directly or by others."""
    beside: dict[str, set[str]] = {user_id: set() for user_id in users}
    for one, other in links:
        if one in beside and other in beside:
            beside[one].add(other)
            beside[other].add(one)
    groups: list[list[U]] = []
    left = set(users)
    for user_id in sorted(users):
        if user_id in left:
            reached, ahead = set[str](), [user_id]
            while ahead:
                next_id = ahead.pop()
                if next_id not in reached:
                    reached.add(next_id)
                    ahead += beside[next_id]
            left -= reached
            groups.append([users[each] for each in sorted(reached)])
    return groups


def oldest(users: Collection[U]) -> U:
    """Return the user whose identity linked users have: the oldest that reads do not leave out, else the oldest of all."""
    return min(users, key=lambda user: (user.is_hidden, user.created_at, user.user_id))


def linked_ids(users: Mapping[str, U], links: Collection[UserPair]) -> dict[str, str | None]:
    """Return the identity of each user, by user id; None for a user that is linked with nobody."""
    return {
        user.user_id: oldest(group).identity_id if len(group) > 1 else None
        for group in components(users, links)
        for user in group
    }


def way(links: Collection[UserPair], start: str, end: str) -> list[UserPair]:
    """Return a shortest way over links from one user to another, step by step; nothing if there is none."""
    beside: dict[str, set[str]] = {}
    for one, other in links:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    came_from, ahead = {start: start}, [start]
    for user_id in ahead:
        for next_id in sorted(beside.get(user_id, ())):
            if next_id not in came_from:
                came_from[next_id] = user_id
                ahead.append(next_id)
    if end not in came_from:
        return []
    steps: list[UserPair] = []
    while end != start:
        steps.append((came_from[end], end))
        end = came_from[end]
    return steps[::-1]
