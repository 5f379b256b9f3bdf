"""Record warnings about odd input and refusals, and list them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from graph.model import Warned
from graph.store import warnings as store
from graph.store.warnings import Noted
from graph.transaction import Transaction

#: How many characters are kept of a subject or a detail, since both may hold text that a client sent.
TEXT_CHARACTERS_MAX = 512


def record(tx: Transaction, warned: Sequence[Warned]) -> None:
    """Record warnings. An act does this last, since acts with the same warning queue for the lock of its node.

    Warnings of the same code, subject and hour are one node with a count, so that a flood of them does not fill the disk.
    """
    if warned:
        store.record(tx, rows=[_row(warning) for warning in warned])


def page(
    tx: Transaction, *, code: str | None, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Noted]:
    """Return a tenant's warnings since a time and before a (time, warning id), newest first, of one code if it is given."""
    return store.page(tx, code=code, since=since, before=before, limit=limit)


def _row(warning: Warned) -> dict[str, object]:
    subject = warning.subject[:TEXT_CHARACTERS_MAX]
    key = f"{warning.code} {warning.at.astimezone(UTC):%Y-%m-%dT%H} {subject}"
    return {
        "warning_id": f"wrn_{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        "code": warning.code,
        "subject": subject,
        "detail": warning.detail[:TEXT_CHARACTERS_MAX],
        "at": warning.at,
    }
