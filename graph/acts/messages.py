"""Each call one call however often it is sent: what its message id was answered with is the answer again."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from graph.errors import Refused
from graph.model import Message
from graph.rules.messages import Kept, Repeat, judge
from graph.store import messages as store
from graph.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a call answers; `duplicate` where that was answered before."""

    duplicate: bool = False


A = TypeVar("A", bound=Answer)
C = TypeVar("C")


def message(call: str, message_id: str, said: Mapping[str, Any], *, session_sent: str | None = None) -> Message:
    """What makes a call one call: its id, and a hash of all that was said."""
    return Message(message_id, call, session_sent, hashlib.sha256(store.canonical(said).encode()).hexdigest())


def answered(message: Message, kept: Kept | None, kind: type[A]) -> A | None:
    """What a call with this message id was answered, None for a new one; raises `Refused` where it was another call."""
    repeat = judge(message, kept)
    if kept is None or repeat is Repeat.NEW:
        return None
    if repeat is Repeat.CONFLICT:
        raise Refused("this Idempotency-Key was used for another request", code="message_id_conflict")
    return replace(store.recall(kept.answer, kind), duplicate=True)


def once(tx: Transaction, act: Callable[[Transaction, C], A], command: C, message: Message | None, kind: type[A]) -> A:
    """Run an act whose answer is of a `kind`, unless its message was answered before; without a message just run it.

    The message id is locked before all else: a twin finds the answer and not what the act has left to do. What the act
    raises leaves the id free. Raises `Refused` for an id that stands for another call.
    """
    if message is None:
        return act(tx, command)
    before = answered(message, store.claim(tx, message), kind)
    if before is not None:
        return before
    answer = act(tx, command)
    store.answer(tx, message, store.keep(answer))
    return answer
