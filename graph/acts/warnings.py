"""Record warnings about odd input and refusals, and list them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from graph.model import Warned
from graph.store import warnings as store
from graph.store.warnings import Noted
from graph.transaction import Transaction

#: How many subjects of one code are listed within an hour. A caller with a write key may choose subjects, such as user ids.
SUBJECTS_MAX = 1000
#: The item that counts the warnings about all further subjects has this detail and no subject.
DETAIL_OF_HOUR = f"warnings about further subjects, after {SUBJECTS_MAX} subjects within the hour"
#: The codes whose subject is a user id. Such a warning may be all that bears the id, as where a login was refused.
ABOUT_USERS = frozenset(
    {
        "placeholder_user_id",
        "user_id_unused",
        "propagation_limited",
        "user_hash_invalid",
        "user_token_invalid",
        "user_hash_required",
        "too_many_claims",
        "too_many_linked",
    }
)
#: How many characters are kept of a subject or a detail, since both may hold text that a client sent.
TEXT_CHARACTERS_MAX = 512


def record(tx: Transaction, warned: Sequence[Warned]) -> None:
    """Record warnings. An act does this last, since acts with the same warning queue for the lock of its node.

    Warnings of the same code, subject and hour are one node with a count, so that a flood of them does not fill the disk.
    Nor does a flood of subjects: beyond `SUBJECTS_MAX` of a code in an hour, the warnings share one node without a subject.
    """
    if warned:
        rows = [_row(warning) for warning in warned]
        store.record(tx, rows=rows, subjects_max=SUBJECTS_MAX, detail_of_hour=DETAIL_OF_HOUR)


def page(
    tx: Transaction, *, code: str | None, since: datetime, before: tuple[datetime, str], limit: int
) -> Sequence[Noted]:
    """Return a tenant's warnings since a time and before a (time, warning id), newest first, of one code if it is given."""
    return store.page(tx, code=code, since=since, before=before, limit=limit)


def _row(warning: Warned) -> dict[str, object]:
    subject = warning.subject[:TEXT_CHARACTERS_MAX]
    hour = f"{warning.code} {warning.at.astimezone(UTC):%Y-%m-%dT%H}"
    return {
        "warning_id": _id(f"{hour} {subject}"),
        "hour_id": _id(hour),
        "code": warning.code,
        "subject": subject,
        "detail": warning.detail[:TEXT_CHARACTERS_MAX],
        "at": warning.at,
    }


def _id(key: str) -> str:
    return f"wrn_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
