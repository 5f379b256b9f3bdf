"""Make changes that a secret key asks for: by whom and why, and once for each idempotency key."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypedDict

from app import context, metrics
from graph.acts import messages
from graph.acts.messages import A, C
from graph.model import Change, Message, NewIds
from graph.rules import times
from graph.rules.policy import Policy
from graph.rules.tombstones import Name
from graph.transaction import Transaction


class MadeBy(TypedDict):
    """The fields that the command of every change has."""

    change: Change
    policy: Policy
    ids: NewIds


#: Fields of a command that the caller did not send, so that they are left out of its hash.
NOT_SENT = frozenset(MadeBy.__annotations__)


def by_whom(reason: str | None, at: datetime | None = None) -> MadeBy:
    """Return the fields that every change has: the change (id, time, actor, reason), the policy, and new ids.

    The time is the server's, unless it is given.
    """
    # The id is made here, so the ids of a list of changes are in its order. The audit trail orders changes of one time
    # by it.
    ids = NewIds(context.ids())
    at = at or times.whole_milliseconds(context.now())
    return {"change": Change(ids.change, at, context.caller().actor, reason), "policy": context.policy(), "ids": ids}


def once(act: Callable[[Transaction, C], A], command: C, *, call: str, idempotency_key: str | None, kind: type[A]) -> A:
    """Run an act, or return the answer of the first call with this key; without a key always run it."""
    message = keyed(messages.message(call, idempotency_key, _said(command))) if idempotency_key is not None else None
    answer = context.graph().write(messages.once, act, command, message, kind)
    if answer.duplicate:
        metrics.duplicate(call)
    return answer


def keyed(message: Message) -> Message:
    """Return the message of a change with a key, with the hashes of its id."""
    return replace(message, hashes=tuple(context.hashing().of(Name("message", message.kept_id))))


def _said(command: Any) -> dict[str, Any]:
    said = {field.name: getattr(command, field.name) for field in fields(command) if field.name not in NOT_SENT}
    return {**said, "reason": command.change.reason}
