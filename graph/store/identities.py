"""The standing of tenures and users: which identity each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Standing
from graph.query import query
from graph.rules.probable import Bound, Link, now_worth, strongest
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Resolved:
    i: int
    identity_id: str
    user_id: str | None
    method: str
    confidence: float
    probable: list[Link]

    def standing(self) -> Standing:
        return Standing(self.identity_id, self.user_id, self.method, self.confidence)


_resolve = query("identities/resolve", _Resolved)


def resolve(tx: Transaction, identity_ids: Sequence[str], bound: Bound) -> dict[str, Standing]:
    """Return the standing of each tenure or user, by its identity id; an unknown id is left out.

    Every act and read uses this rule. The first of these that exists decides:

    1. The user's identity.
    2. The identity that the strongest inference within the bound leads to.
    3. The tenure's own identity, at the top of its ties.
    """
    resolved = _rows_by_id(tx, identity_ids)
    links = {identity_id: strongest(row.probable, bound) for identity_id, row in resolved.items()}
    probable = {
        identity_id: (link.identity_id, now_worth(link, bound))
        for identity_id, link in links.items()
        if link is not None
    }
    targets = _rows_by_id(tx, sorted({target_id for target_id, _ in probable.values()}))
    standings = {identity_id: row.standing() for identity_id, row in resolved.items()}
    for identity_id, (target_id, confidence) in probable.items():
        target = targets[target_id]
        least = min(resolved[identity_id].confidence, confidence, target.confidence)
        standings[identity_id] = Standing(target.identity_id, None, "probable", least)
    return standings


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the standing of each tenure or user by facts alone, so that no inference leads on to another one."""
    return {identity_id: row.standing() for identity_id, row in _rows_by_id(tx, identity_ids).items()}


@dataclass(frozen=True)
class _Hidden:
    hidden: bool


_hidden = query("identities/hidden", _Hidden)


def is_hidden(tx: Transaction, identity_id: str, owner_id: str) -> bool:
    """Whether reads must not say that a tenure is the user's with the identity id `owner_id`.

    So it is if the user is hidden, or the user's relationship with the tenure's visitor.
    """
    rows = _hidden(tx, identity_id=identity_id, whose_id=owner_id)
    return any(row.hidden for row in rows)


def _rows_by_id(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, _Resolved]:
    rows = [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]
    return {identity_ids[row.i]: row for row in _resolve(tx, rows=rows)} if rows else {}


@dataclass(frozen=True)
class Members:
    """The tenures and visitors that make up an identity."""

    tenures: list[str]
    visitors: list[str]
    first_seen: datetime | None
    last_seen: datetime | None


members = query("identities/members", Members)
