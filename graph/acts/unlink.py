"""Undo a link of two users: each has its own identity again, unless other links join them."""

from dataclasses import dataclass

from graph.acts import audit, link
from graph.acts.messages import Answer
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules import linking
from graph.rules.policy import Policy
from graph.store import link as store
from graph.transaction import Transaction

CALL = "unlink"


@dataclass(frozen=True)
class Unlink:
    """The caller takes back that two users are one person."""

    user_id: str
    to: str
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Unlinked(Answer):
    """Two users whose link was undone."""

    user_id: str
    to: str


def act(tx: Transaction, command: Unlink) -> Unlinked:
    """Undo the link of two users, whichever of the two was linked to the other.

    Raises:
        NotFound: The two are not linked, or not directly.
    """
    tx = tx.making(command.change)
    pair = (command.user_id, command.to)
    users = link.lock(tx, pair)
    before = linking.pairs(users.values())
    after = before - {pair, pair[::-1]}
    if after == before:
        raise NotFound("these two users are not linked", code="link_not_found")
    store.close(tx, user_id=command.user_id, other_id=command.to, at=command.change.at)
    link.redraw(tx, users, after)
    linked_ids = linking.linked_ids(users, after)
    audit.record(
        tx,
        audit.Trace(
            command.change,
            subjects=(f"user:{command.user_id}", f"user:{command.to}"),
            act=CALL,
            before={"userId": command.user_id, "to": command.to, "identityId": users[command.user_id].linked_id},
            after={"identityIds": sorted({linked_ids[user_id] or users[user_id].identity_id for user_id in pair})},
        ),
    )
    return Unlinked(command.user_id, command.to)
