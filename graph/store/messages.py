"""The answer of a call, kept with its message id so that a repeat is answered like the first time."""

from collections.abc import Mapping
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from graph.database import Transaction
from graph.queries import query
from graph.rules.messages import Kept

T = TypeVar("T")
_converter = make_converter()


_find = query("messages/find", Kept)


def find(tx: Transaction, tenant: str, message_id: str) -> Kept | None:
    """What a message id stands for, None for one not used yet."""
    rows = _find(tx, tenant=tenant, message_id=message_id)
    return rows[0] if rows else None


def keep(answer: Any) -> str:
    """A result as the text that is stored."""
    return _converter.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def recall(text: str, kind: type[T]) -> T:
    """The result that `keep` made a text of."""
    return _converter.loads(text, kind)


def canonical(value: Mapping[str, Any]) -> str:
    """JSON whose text is the same for equal values, as properties and components are stored."""
    return _converter.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
