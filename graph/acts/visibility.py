"""Hide a user, or a user's relationship with a visitor, from all reads; what is hidden still matches, owns and protects."""

from dataclasses import dataclass, replace

from graph.acts import audit, link
from graph.acts.messages import Answer
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules import linking
from graph.rules.policy import Policy
from graph.store import relationships, visitors
from graph.store import visibility as store
from graph.transaction import Rung, Transaction

CALL = "visibility"


@dataclass(frozen=True)
class Visibility:
    """Whether reads include a user, or with a `visitor_id` the user's relationship with that visitor."""

    user_id: str
    visitor_id: str | None
    visible: bool
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Shown(Answer):
    """Whether reads include the user or the relationship now.

    A relationship stays hidden while that with any other visitor of the merge group is. `changed` is False if the call
    wrote nothing, since the user or the visitor's own relationship was hidden or shown already.
    """

    user_id: str
    visitor_id: str | None
    visible: bool
    changed: bool = True


def act(tx: Transaction, command: Visibility) -> Shown:
    """Hide or show a user or a relationship; write nothing if it is hidden or shown already.

    Raises:
        NotFound: There is no such user, visitor or relationship. A hidden one is found.
    """
    if command.visitor_id is not None:
        return _relationship(tx, command, command.visitor_id)
    users = link.lock(tx, [command.user_id])
    if command.user_id not in users:
        raise NotFound("there is no such user", code="user_not_found")
    changed = users[command.user_id].is_hidden == command.visible
    if changed:
        store.of_user(tx, command.user_id, visible=command.visible)
        # Linked users have the identity of the oldest of them that is not hidden.
        seen = {**users, command.user_id: replace(users[command.user_id], is_hidden=not command.visible)}
        link.redraw(tx, seen, linking.pairs(seen.values()))
        _record(tx, command)
    return Shown(command.user_id, None, command.visible, changed)


def _relationship(tx: Transaction, command: Visibility, visitor_id: str) -> Shown:
    pair = (command.user_id, visitor_id)
    visitors.lock_group(tx, [visitor_id])
    group = relationships.gather(tx, [pair]).get(pair)
    if group is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    if group.weighed(command.policy) is None:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    tx.locks.require(Rung.VISITOR, {group.survivor_id, *group.records}, "the visitor was merged just now")
    flagged = group.saying(visitor_id, visible=command.visible)
    if flagged != group:
        store.of_relationship(tx, flagged)
        _record(tx, command)
    return Shown(command.user_id, visitor_id, flagged.is_visible, flagged != group)


def _record(tx: Transaction, command: Visibility) -> None:
    ids = {"userId": command.user_id, "visitorId": command.visitor_id}
    trace = audit.Trace(
        command.change,
        subjects=(
            f"user:{command.user_id}",
            *((f"visitor:{command.visitor_id}",) if command.visitor_id is not None else ()),
        ),
        act=CALL,
        before={**ids, "visible": not command.visible},
        after={**ids, "visible": command.visible},
    )
    audit.record(tx, trace)
