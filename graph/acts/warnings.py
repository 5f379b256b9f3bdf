"""Odd input and refusals: noted where they happen, and listed."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from graph.model import Warned
from graph.store import warnings as store
from graph.store.warnings import Noted
from graph.transaction import Transaction

#: What is kept of a text that somebody sent.
TEXT_CHARACTERS_MAX = 512


def record(tx: Transaction, warned: Sequence[Warned]) -> None:
    """Note what was odd. It is the last thing an act does: many acts may have the same to note, and queue for its lock.

    What has code, subject and hour in common is one node with a count, so that a flood of it fills no disk.
    """
    if warned:
        store.record(tx, rows=[_row(one) for one in warned])


def page(
    tx: Transaction, *, code: str | None, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Noted]:
    """The warnings of a tenant before a (time, id), newest first; of one code where it is given."""
    return store.page(tx, code=code, since=since, before=before, limit=limit)


def _row(one: Warned) -> dict[str, object]:
    subject = one.subject[:TEXT_CHARACTERS_MAX]
    alike = f"{one.code} {one.at.astimezone(UTC):%Y-%m-%dT%H} {subject}"
    return {
        "warning_id": f"wrn_{hashlib.sha256(alike.encode()).hexdigest()[:32]}",
        "code": one.code,
        "subject": subject,
        "detail": one.detail[:TEXT_CHARACTERS_MAX],
        "at": one.at,
    }
