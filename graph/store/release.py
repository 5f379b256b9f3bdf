"""The queries of a removal (`release`), and of the cannot-links between users and visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class ClaimedTenure:
    """A tenure that a user claimed: on which jar and visitor, at which time and in which session."""

    tenure_id: str
    jar_id: str
    visitor_id: str
    at: datetime
    session_id: str


@dataclass(frozen=True)
class Contradiction:
    """A login or statement that a user does use a visitor: its time, and its change.

    `at` becomes the `until` of the cannot-link that it closes.
    """

    user_id: str
    visitor_id: str
    at: datetime
    change_id: str


@dataclass(frozen=True)
class _Visitor:
    visitor_id: str


@dataclass(frozen=True)
class _Jar:
    jar_id: str


_lock = query("release/lock", _Jar)
gather = query("release/gather", ClaimedTenure)
_claimed = query("release/claimed", _Visitor)
_apply = query("release/apply", Nothing)
withdraw = query("release/withdraw", Nothing)
forbid = query("release/forbid", Nothing)
_allow = query("release/allow", Nothing)


def lock(tx: Transaction, user_id: str, visitor_id: str) -> None:
    """Lock the jars with the user's claims, in the whole merge group of the visitor."""
    tx.locks.take(Rung.JAR, {row.jar_id for row in _lock(tx, user_id=user_id, visitor_id=visitor_id)})


def claimed(
    tx: Transaction, user_id: str, *, verified: bool, since: datetime, until: datetime, limit: int
) -> list[str]:
    """Return the first visitors on which all claims of a user are verified, or none is, and came within a time."""
    rows = _claimed(tx, user_id=user_id, verified=verified, since=since, until=until, limit=limit)
    return [row.visitor_id for row in rows]


def apply(tx: Transaction, claims: Sequence[ClaimedTenure], *, at: datetime) -> None:
    """End the tenures of closed claims, so that a later login there inherits nothing."""
    rows = [{"tenure_id": claim.tenure_id, "from": claim.at, "session_id": claim.session_id} for claim in claims]
    _apply(tx, rows=rows, at=at)


def allow(tx: Transaction, contradictions: Sequence[Contradiction]) -> None:
    """Close the cannot-links that these contradict, on the whole merge group of each visitor.

    If several contradict one cannot-link, the first closes it. `closed_on` lists the visitors of all; visitors are also
    added to it if the cannot-link is closed already.
    """
    _allow(tx, rows=[vars(contradiction) for contradiction in contradictions])
