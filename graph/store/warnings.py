"""Warnings about odd input and refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Noted:
    """A warning as listed: `at` is its first time in its hour, `last_seen` its last, `count` how often it occurred."""

    warning_id: str
    code: str
    subject: str
    detail: str
    at: datetime
    last_seen: datetime
    count: int


record = query("warnings/record", Nothing)
_page = query("warnings/page", Noted)
_of_code = query("warnings/of_code", Noted)


def page(
    tx: Transaction, *, code: str | None, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Noted]:
    """Return the latest warnings since a time and before a (time, warning id), of one code or of all."""
    before_at, before_id = before
    if code is None:
        return _page(tx, since=since, before_at=before_at, before_id=before_id, limit=limit)
    return _of_code(tx, code=code, since=since, before_at=before_at, before_id=before_id, limit=limit)
