"""What a release of a user's claims on a visitor reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import Nothing, query


@dataclass(frozen=True)
class Claim:
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
_gather = query("release/gather", Claim)
_apply = query("release/apply", Nothing)
_withdraw = query("release/withdraw", Nothing)
_forbid = query("release/forbid", Nothing)
_allow = query("release/allow", Nothing)


def lock(tx: Transaction, tenant: str, user_id: str, visitor_id: str) -> set[str]:
    """Lock the jars on which a user's claims within a visitor are."""
    return {row.jar_id for row in _lock(tx, tenant=tenant, user_id=user_id, visitor_id=visitor_id)}


def gather(tx: Transaction, tenant: str, user_id: str, visitor_id: str) -> list[Claim]:
    """A user's claims within a visitor, merged visitors and all."""
    return _gather(tx, tenant=tenant, user_id=user_id, visitor_id=visitor_id)


def apply(tx: Transaction, tenant: str, claims: Sequence[Claim], *, at: datetime) -> None:
    """End the tenures of claims that were closed."""
    rows = [{"tenure_id": claim.tenure_id, "from": claim.at, "session_id": claim.session_id} for claim in claims]
    if rows:
        _apply(tx, tenant=tenant, rows=rows, at=at)


def withdraw(
    tx: Transaction, tenant: str, user_id: str, visitor_ids: Sequence[str], *, at: datetime, change_id: str
) -> None:
    """Close what makes visitors' tenures probably a user's."""
    _withdraw(tx, tenant=tenant, user_id=user_id, visitor_ids=visitor_ids, at=at, change_id=change_id)


def forbid(
    tx: Transaction,
    tenant: str,
    user_id: str,
    visitor_ids: Sequence[str],
    *,
    at: datetime,
    reason: str | None,
    actor: str,
    change_id: str,
) -> None:
    """Remember that visitors are not a user's."""
    _forbid(
        tx,
        tenant=tenant,
        user_id=user_id,
        visitor_ids=visitor_ids,
        at=at,
        reason=reason,
        actor=actor,
        change_id=change_id,
    )


def allow(tx: Transaction, tenant: str, said: Sequence[Otherwise]) -> None:
    """Close what was said against users and visitors, as somebody said otherwise; the first one is noted."""
    rows = [vars(one) for one in said]
    if rows:
        _allow(tx, tenant=tenant, rows=rows)
