"""Make a repeated call count once: a repeat gets the answer that the first call with its message id got."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from graph.errors import Gone, Refused
from graph.model import Message
from graph.rules.messages import Kept, Repeat, judge
from graph.store import erase as erased
from graph.store import messages as store
from graph.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a call; `duplicate` says that it is the answer of an earlier call with the same message id."""

    duplicate: bool = False


#: A number such as `10.0` in JSON. It may also be found within a text, which only takes the longer way for nothing.
_WITH_DECIMALS_OF_ZERO = re.compile(r"[:,\[]-?\d+\.0[,}\]]")
#: Below this, floating-point numbers hold every integer.
_EXACT_INTEGERS = 2**53

#: Why a repeat of an erased call is refused.
ERASED = "this Idempotency-Key was used by a call that was erased"

A = TypeVar("A", bound=Answer)
C = TypeVar("C")


def message(
    call: str,
    message_id: str,
    content: Mapping[str, Any],
    *,
    session_sent: str | None = None,
    is_public: bool = False,
) -> Message:
    """Return what a repeat of the call is recognised by: its message id, and a hash of its content.

    The hash is that of values, so `10` and `10.0` are alike, and so is any order of keys.
    """
    text = store.canonical(content)
    if _WITH_DECIMALS_OF_ZERO.search(text):
        text = store.canonical(json.loads(text, parse_float=_number))
    return Message(message_id, call, session_sent, hashlib.sha256(text.encode()).hexdigest(), is_public)


def _number(digits: str) -> float:
    number = float(digits)
    # Larger numbers have no decimals to lose, and as an integer some have 300 digits.
    return int(number) if number.is_integer() and abs(number) < _EXACT_INTEGERS else number


def answered(message: Message, kept: Kept | None, kind: type[A]) -> A | None:
    """Return the answer of the earlier call with this message id; None if the call is new.

    Raises:
        Refused: The earlier call was another one.
    """
    repeat = judge(message, kept)
    if kept is None or repeat is Repeat.NEW:
        return None
    if repeat is Repeat.CONFLICT:
        raise Refused("this Idempotency-Key was used for another request", code="message_id_conflict")
    return replace(store.recall(kept.answer, kind), duplicate=True)


def erased_of(tx: Transaction, messages: Sequence[Message]) -> list[Message]:
    """Return those messages whose ids are of calls that were erased."""
    found = {tombstone.hash for tombstone in erased.tombstones(tx, [each for one in messages for each in one.hashes])}
    return [message for message in messages if not found.isdisjoint(message.hashes)]


def once(tx: Transaction, act: Callable[[Transaction, C], A], command: C, message: Message | None, kind: type[A]) -> A:
    """Run an act whose answer is of this `kind`, or return the answer of the earlier call with the same message id.

    Without a message the act always runs. The message id is locked before all else. So a repeat that waited finds the
    answer, instead of what the act has left to do. If the act raises, the id stays free.

    Raises:
        Gone: The call with this message id was erased.
        Refused: The message id was used for another call.
    """
    if message is None:
        return act(tx, command)
    if erased_of(tx, [message]):
        raise Gone(ERASED, code="erased")
    repeated = answered(message, store.claim(tx, message), kind)
    if repeated is not None:
        return repeated
    answer = act(tx, command)
    store.answer(tx, message, store.keep(answer))
    return answer
