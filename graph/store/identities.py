"""Who tenures and users are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.model import Standing
from graph.queries import query


@dataclass(frozen=True)
class _Resolved:
    i: int
    identity_id: str
    user_id: str | None
    method: str
    confidence: float
    probable_id: str | None
    probable_confidence: float | None


_resolve = query("identities/resolve", _Resolved)


def resolve(tx: Transaction, tenant: str, identity_ids: Sequence[str], *, confidence_min: float) -> dict[str, Standing]:
    """The standing of each tenure or user there is, by its id; one rule everywhere.

    The user's identity if there is one; else that of the strongest probable at or above `confidence_min` (0–1); else
    its own.
    """
    found = _found(tx, tenant, identity_ids)
    probable = {
        one: (row.probable_id, row.probable_confidence or 0.0)
        for one, row in found.items()
        if row.user_id is None and row.probable_id is not None and (row.probable_confidence or 0.0) >= confidence_min
    }
    targets = _found(tx, tenant, sorted({target for target, _ in probable.values()}))
    standings = {one: Standing(row.identity_id, row.user_id, row.method, row.confidence) for one, row in found.items()}
    for one, (target_id, confidence) in probable.items():
        target = targets[target_id]
        least = min(found[one].confidence, confidence, target.confidence)
        standings[one] = Standing(target.identity_id, None, "probable", least)
    return standings


def _found(tx: Transaction, tenant: str, identity_ids: Sequence[str]) -> dict[str, _Resolved]:
    rows = [{"i": i, "identity_id": one} for i, one in enumerate(identity_ids)]
    return {identity_ids[row.i]: row for row in _resolve(tx, tenant=tenant, rows=rows)} if rows else {}


@dataclass(frozen=True)
class Members:
    """The tenures and visitors that make up an identity."""

    tenures: list[str]
    visitors: list[str]
    first_seen: datetime | None
    last_seen: datetime | None


_members = query("identities/members", Members)


def members(tx: Transaction, tenant: str, identity_id: str) -> Members:
    """What an identity consists of."""
    return _members(tx, tenant=tenant, identity_id=identity_id)[0]
