"""What was odd or refused, to be listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows, query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Noted:
    """A warning as listed: since when in its hour, how often, and when last."""

    warning_id: str
    code: str
    subject: str
    detail: str
    at: datetime
    last_seen: datetime
    count: int


_record = query("warnings/record", Nothing)
_page = query("warnings/page", Noted)
_of_code = query("warnings/of_code", Noted)


def record(tx: Transaction, rows: Rows) -> None:
    """Note each warning, or once more where its id is known."""
    _record(tx, rows=rows)


def page(
    tx: Transaction, *, code: str | None, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Noted]:
    """The latest warnings before a (time, id) and not before a time, of one code or of all."""
    bounds = {"since": since, "before_at": before[0], "before_id": before[1], "limit": limit}
    if code is None:
        return _page(tx, **bounds)
    return _of_code(tx, code=code, **bounds)
