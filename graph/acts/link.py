"""Link two users that are one person's accounts: they have one identity, until the link is undone.

Nothing else is written: relationships, claims and inferences stay each user's own, so that undoing a link loses nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graph.acts import audit
from graph.acts.messages import Answer
from graph.errors import NotFound, Refused
from graph.model import Change, NewIds
from graph.rules import linking
from graph.rules.linking import LinkedUser, UserPair
from graph.rules.policy import Policy
from graph.store import link as store
from graph.transaction import Rung, Transaction

CALL = "link"


@dataclass(frozen=True)
class LinkUsers:
    """The caller states that two users are one person."""

    user_id: str
    to: str
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Account:
    """A linked user, by a name by which an erasure finds it in kept answers."""

    user_id: str


@dataclass(frozen=True)
class Linked(Answer):
    """Two users after a link, the identity that both have, and all users that have it.

    `changed` is False if the two were linked already.
    """

    user_id: str
    to: str
    identity_id: str
    accounts: tuple[Account, ...]
    changed: bool

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of all users that have the identity, without hidden ones."""
        return tuple(account.user_id for account in self.accounts)


def act(tx: Transaction, command: LinkUsers) -> Linked:
    """Link two users; write nothing if the two are linked already, or are one user.

    Raises:
        NotFound: There is no such user, or it is hidden.
        Refused: So many users are linked already that this would be one too many.
    """
    tx = tx.making(command.change)
    pair = (command.user_id, command.to)
    users = lock(tx, pair)
    if any(user_id not in users or users[user_id].is_hidden for user_id in pair):
        raise NotFound("there is no such user", code="user_not_found")
    links = linking.pairs(users.values())
    if command.user_id == command.to or links & {pair, pair[::-1]}:
        return _linked(command, users, links, changed=False)
    are_apart = len(linking.components(users, links)) > 1
    if are_apart and len(users) > command.policy.linked_users_max:
        why = f"more than {command.policy.linked_users_max} users would be linked with each other"
        raise Refused(why, code="too_many_linked", subject=command.user_id)
    store.apply(tx, user_id=command.user_id, other_id=command.to, at=command.change.at)
    links |= {pair}
    redraw(tx, users, links)
    audit.record(tx, _trace(command, users, links))
    return _linked(command, users, links, changed=True)


def lock(tx: Transaction, user_ids: Collection[str]) -> dict[str, LinkedUser]:
    """Lock users and all users linked with them, and return those that exist.

    Raises:
        Overtaken: Another user was linked with them just now.
    """
    locked = store.lock(tx, {*user_ids, *store.gather(tx, user_ids)})
    # A user without any edge is nobody yet, and is not locked.
    users = {
        user_id: user
        for user_id, user in store.gather(tx, user_ids).items()
        if user_id in locked or user_id not in user_ids
    }
    tx.locks.require(Rung.USER, users, "another user was linked just now")
    return users


def redraw(tx: Transaction, users: Mapping[str, LinkedUser], links: Collection[UserPair]) -> None:
    """Write to which identity each of the users belongs, where that has changed."""
    store.write(
        tx,
        {
            user_id: linked_id
            for user_id, linked_id in linking.linked_ids(users, links).items()
            if linked_id != users[user_id].linked_id
        },
    )


def _linked(
    command: LinkUsers, users: Mapping[str, LinkedUser], links: Collection[UserPair], *, changed: bool
) -> Linked:
    [group] = [
        group for group in linking.components(users, links) if command.user_id in {user.user_id for user in group}
    ]
    return Linked(
        user_id=command.user_id,
        to=command.to,
        identity_id=linking.oldest(group).identity_id,
        accounts=tuple(Account(user.user_id) for user in group if not user.is_hidden),
        changed=changed,
    )


def _concerned(command: LinkUsers, users: Mapping[str, LinkedUser], links: Collection[UserPair]) -> list[str]:
    """Return the two users, and those whose identity the link changes."""
    linked_ids = linking.linked_ids(users, links)
    others = {user_id for user_id, user in users.items() if linked_ids[user_id] != (user.linked_id or user.identity_id)}
    return [command.user_id, command.to, *sorted(others - {command.user_id, command.to})]


def _trace(command: LinkUsers, users: Mapping[str, LinkedUser], links: Collection[UserPair]) -> audit.Trace:
    ids = {"userId": command.user_id, "to": command.to}
    return audit.Trace(
        command.change,
        subjects=tuple(f"user:{user_id}" for user_id in _concerned(command, users, links)),
        act=CALL,
        before={"identityIds": sorted({user.linked_id or user.identity_id for user in users.values()})},
        after={**ids, "identityId": linking.linked_ids(users, links)[command.user_id]},
    )
