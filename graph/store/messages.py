"""The answer of a call, kept with its message id so that a repeat is answered like the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from graph.database import Transaction
from graph.queries import query
from graph.rules.messages import Kept

T = TypeVar("T")
_converter = make_converter()


@dataclass(frozen=True)
class _Found:
    message_id: str
    call: str
    session_sent: str | None
    request_hash: str
    answer: str


_find = query("messages/find", _Found)


def find(tx: Transaction, tenant: str, message_ids: Sequence[str]) -> dict[str, Kept]:
    """What message ids stand for; without those not used yet."""
    rows = _find(tx, tenant=tenant, message_ids=message_ids)
    return {row.message_id: Kept(row.call, row.session_sent, row.request_hash, row.answer) for row in rows}


def keep(answer: Any) -> str:
    """A result as the text that is stored."""
    return _converter.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def recall(text: str, kind: type[T]) -> T:
    """The result that `keep` made a text of."""
    return _converter.loads(text, kind)


def canonical(value: Mapping[str, Any]) -> str:
    """JSON whose text is the same for equal values, as properties and components are stored."""
    return _converter.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
