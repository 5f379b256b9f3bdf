"""Hide a user, or a user's relationship with a visitor, from all reads; it still matches, owns and protects."""

from dataclasses import dataclass

from graph.acts import audit
from graph.acts.messages import Answer
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules.policy import Policy
from graph.store import relationships, visitors
from graph.store import visibility as store
from graph.transaction import Rung, Transaction

CALL = "visibility"


@dataclass(frozen=True)
class Visibility:
    """Whether a user, or with a `visitor_id` their relationship, may be read."""

    user_id: str
    visitor_id: str | None
    visible: bool
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Shown(Answer):
    """What may be read now: of a merged visitor only what no other that it is one with hides."""

    user_id: str
    visitor_id: str | None
    visible: bool


def act(tx: Transaction, command: Visibility) -> Shown:
    """Show or hide it; what is so already is not written again.

    Raises `NotFound` for a user or a relationship there is not; one that is hidden is found.
    """
    if command.visitor_id is not None:
        return _relationship(tx, command, command.visitor_id)
    before = store.lock_user(tx, command.user_id)
    if before is None:
        raise NotFound("there is no such user", code="user_not_found")
    if before != command.visible:
        store.of_user(tx, command.user_id, visible=command.visible)
        _record(tx, command)
    return Shown(command.user_id, None, command.visible)


def _relationship(tx: Transaction, command: Visibility, visitor_id: str) -> Shown:
    pair = (command.user_id, visitor_id)
    visitors.lock_group(tx, [visitor_id])
    group = relationships.gather(tx, [pair]).get(pair)
    if group is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    if group.weighed(command.policy) is None:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    tx.locks.require(Rung.VISITOR, {group.survivor_id, *group.records}, "the visitor was merged just now")
    said = group.saying(visitor_id, visible=command.visible)
    if said != group:
        store.of_relationship(tx, said)
        _record(tx, command)
    return Shown(command.user_id, visitor_id, said.is_visible)


def _record(tx: Transaction, command: Visibility) -> None:
    what = {"userId": command.user_id, "visitorId": command.visitor_id}
    trace = audit.Trace(
        command.change,
        subjects=(
            f"user:{command.user_id}",
            *((f"visitor:{command.visitor_id}",) if command.visitor_id is not None else ()),
        ),
        act=CALL,
        before={**what, "visible": not command.visible},
        after={**what, "visible": command.visible},
    )
    audit.record(tx, trace)
