"""The answers of calls, kept by message id, so that a repeat gets the same answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from graph.model import Message
from graph.queries import Nothing
from graph.query import query
from graph.rules.messages import Kept
from graph.transaction import Transaction

T = TypeVar("T")
_converter = make_converter()
_encode = json.JSONEncoder(
    default=_converter.unstructure, sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode


@dataclass(frozen=True)
class _Found:
    message_id: str
    call: str
    session_sent: str | None
    request_hash: str
    answer: str


@dataclass(frozen=True)
class _Claimed:
    call: str
    session_sent: str | None
    request_hash: str
    answer: str | None


_find = query("messages/find", _Found)
_claim = query("messages/claim", _Claimed)
_answer = query("messages/answer", Nothing)


def find(tx: Transaction, message_ids: Sequence[str]) -> dict[str, Kept]:
    """Return the accepted call of each message id; an unused id is left out."""
    rows = _find(tx, message_ids=message_ids)
    return {row.message_id: Kept(row.call, row.session_sent, row.request_hash, row.answer) for row in rows}


def claim(tx: Transaction, message: Message) -> Kept | None:
    """Lock a message id, so that a repeat waits for the first call.

    Return the earlier call that was answered under the id; None if there is none, so that the id is this call's.
    """
    [row] = _claim(tx, message_id=message.kept_id, call=message.call, request_hash=message.request_hash)
    return Kept(row.call, row.session_sent, row.request_hash, row.answer) if row.answer is not None else None


def answer(tx: Transaction, message: Message, text: str) -> None:
    """Keep the answer of the call that has claimed its message id."""
    _answer(tx, message_id=message.kept_id, answer=text)


def keep(answer: Any) -> str:
    """Return an answer as JSON text, to be stored."""
    return _encode(answer)


def recall(text: str, kind: type[T]) -> T:
    """Return the answer, of this `kind`, that `keep` made this text of."""
    return _converter.loads(text, kind)


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON text that is the same for equal values, as properties and components are stored."""
    return _encode(value)
