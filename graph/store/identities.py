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


_resolve = query("identities/resolve", _Resolved)
get = query("identities/get", Found)


def resolve(tx: Transaction, identity_ids: Sequence[str], bound: Bound) -> dict[str, Standing]:
    """Return the standing of each tenure or user, by its identity id; an unknown id is left out."""
    return {identity_id: found.standing(bound) for identity_id, found in _rows_by_id(tx, identity_ids).items()}


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the standing of each tenure or user by facts alone, so that no inference leads on to another one."""
    return {identity_id: found.certainly() for identity_id, found in _rows_by_id(tx, identity_ids).items()}


def _rows_by_id(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Resolved]:
    rows = [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]
    return {identity_ids[row.i]: row.resolved for row in _resolve(tx, rows=rows)}


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
