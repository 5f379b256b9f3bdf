"""What a release of a user's claims on a visitor reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class ClaimedTenure:
    """A tenure that a user claimed: when, in which session, and where it is."""

    tenure_id: str
    jar_id: str
    visitor_id: str
    at: datetime
    session_id: str


@dataclass(frozen=True)
class Otherwise:
    """That a user does use a visitor, when that was said and by which change."""

    user_id: str
    visitor_id: str
    at: datetime
    change_id: str


@dataclass(frozen=True)
class _Jar:
    jar_id: str


_lock = query("release/lock", _Jar)
gather = query("release/gather", ClaimedTenure)
_apply = query("release/apply", Nothing)
withdraw = query("release/withdraw", Nothing)
forbid = query("release/forbid", Nothing)
_allow = query("release/allow", Nothing)


def lock(tx: Transaction, user_id: str, visitor_id: str) -> None:
    """Lock the jars on which a user's claims within a visitor are."""
    tx.locks.take(Rung.JAR, {row.jar_id for row in _lock(tx, user_id=user_id, visitor_id=visitor_id)})


def apply(tx: Transaction, claims: Sequence[ClaimedTenure], *, at: datetime) -> None:
    """End the tenures of claims that were closed."""
    rows = [{"tenure_id": claim.tenure_id, "from": claim.at, "session_id": claim.session_id} for claim in claims]
    _apply(tx, rows=rows, at=at)


def allow(tx: Transaction, said: Sequence[Otherwise]) -> None:
    """Close what was said against users and visitors, as somebody said otherwise; the first one is noted."""
    rows = [vars(one) for one in said]
    _allow(tx, rows=rows)
