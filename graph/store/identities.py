"""Who tenures and users are."""

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
    """The standing of each tenure or user there is, by its id; one rule everywhere.

    The user's identity if there is one; else that of the strongest probable within the bound; else its own.
    """
    found = _found(tx, identity_ids)
    links = {one: strongest(row.probable, bound) for one, row in found.items()}
    probable = {one: (link.identity_id, now_worth(link, bound)) for one, link in links.items() if link is not None}
    targets = _found(tx, sorted({target for target, _ in probable.values()}))
    standings = {one: row.standing() for one, row in found.items()}
    for one, (target_id, confidence) in probable.items():
        target = targets[target_id]
        least = min(found[one].confidence, confidence, target.confidence)
        standings[one] = Standing(target.identity_id, None, "probable", least)
    return standings


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """The standing of each tenure or user there is by facts alone: nothing probable leads on to something probable."""
    found = _found(tx, identity_ids)
    return {one: row.standing() for one, row in found.items()}


@dataclass(frozen=True)
class _Hidden:
    hidden: bool


_hidden = query("identities/hidden", _Hidden)


def is_hidden(tx: Transaction, identity_id: str, whose_id: str) -> bool:
    """Whether nobody may read that an identity is a user's: the user is hidden, or the relationship with its visitor."""
    rows = _hidden(tx, identity_id=identity_id, whose_id=whose_id)
    return any(row.hidden for row in rows)


def _found(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, _Resolved]:
    rows = [{"i": i, "identity_id": one} for i, one in enumerate(identity_ids)]
    return {identity_ids[row.i]: row for row in _resolve(tx, rows=rows)} if rows else {}


@dataclass(frozen=True)
class Members:
    """The tenures and visitors that make up an identity."""

    tenures: list[str]
    visitors: list[str]
    first_seen: datetime | None
    last_seen: datetime | None


members = query("identities/members", Members)
