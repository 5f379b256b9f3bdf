"""The standing of tenures and users: which identity each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Standing
from graph.query import query
from graph.rules.probable import Bound, Resolved
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Resolved:
    i: int
    resolved: Resolved


@dataclass(frozen=True)
class Found:
    """Whose a tenure or user is, and those of the identities in this that are hidden from reads."""

    resolved: Resolved
    hidden_ids: list[str]


@dataclass(frozen=True)
class _Certain:
    i: int
    identity_id: str
    user_id: str | None
    method: str
    confidence: float


_resolve = query("identities/resolve", _Resolved)
_certainly = query("identities/certainly", _Certain)
get = query("identities/get", Found)


def resolve(tx: Transaction, identity_ids: Sequence[str], bound: Bound) -> dict[str, Standing]:
    """Return the standing of each tenure or user, by its identity id; an unknown id is left out."""
    rows = _resolve(tx, rows=_rows(identity_ids))
    return {identity_ids[row.i]: row.resolved.standing(bound) for row in rows}


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the standing of each tenure or user by facts alone, so that no inference leads on to another one."""
    rows = _certainly(tx, rows=_rows(identity_ids))
    return {identity_ids[row.i]: Standing(row.identity_id, row.user_id, row.method, row.confidence) for row in rows}


def _rows(identity_ids: Sequence[str]) -> list[dict[str, object]]:
    return [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]


@dataclass(frozen=True)
class Members:
    """The tenures and visitors that make up an identity."""

    identity_id: str
    tenures: list[str]
    visitors: list[str]
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True)
class FoundMembers(Found):
    """The same, with the members of each of the identities, and of the identity that was asked for."""

    members: list[Members]


members = query("identities/members", FoundMembers)
