"""The standing of tenures and users: which identity each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Standing
from graph.query import query
from graph.rules import weighing
from graph.rules.policy import Policy
from graph.rules.probable import Resolved
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
    public_id: str
    linked_id: str | None
    users: int

    @property
    def standing(self) -> Standing:
        return Standing(self.identity_id, self.user_id, self.method, self.confidence, self.public_id, self.linked_id)


_resolve = query("identities/resolve", _Resolved)
weigh = query("identities/weigh", weighing.Now)
_certainly = query("identities/certainly", _Certain)
get = query("identities/get", Found)


def resolve(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Resolved]:
    """Return whose each tenure or user is, by its identity id; an unknown id is left out."""
    return {identity_ids[row.i]: row.resolved for row in _resolve(tx, rows=_rows(identity_ids))}


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the standing of each tenure or user by facts alone, so that no inference leads on to another one."""
    rows = [{**row, "at": None} for row in _rows(identity_ids)]
    return {identity_ids[row.i]: row.standing for row in _certainly(tx, rows=rows, users_days=0.0)}


def candidates(
    tx: Transaction, tenures: Sequence[tuple[str, datetime]], policy: Policy
) -> dict[tuple[str, datetime], tuple[Standing, int]]:
    """Return the same for each tenure, with how many users its browser had around a time."""
    rows = [{"i": i, "identity_id": tenure_id, "at": at} for i, (tenure_id, at) in enumerate(tenures)]
    found = _certainly(tx, rows=rows, users_days=policy.browser_users_days)
    return {tenures[row.i]: (row.standing, row.users) for row in found}


def _rows(identity_ids: Sequence[str]) -> list[dict[str, object]]:
    return [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]


@dataclass(frozen=True)
class Members:
    """A page of the tenures that make up an identity, and the visitor of each; `count` and the times are of all tenures."""

    tenures: list[str]
    visitors: list[str]
    count: int
    first_seen: datetime | None
    last_seen: datetime | None


members = query("identities/members", Members)
members_then = query("identities/members_then", Members)
