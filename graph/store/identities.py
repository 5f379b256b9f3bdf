"""The standing of tenures and users: which identity each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Standing
from graph.query import query
from graph.rules.probable import Bound, Resolved, now_worth, strongest
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Row:
    i: int
    resolved: Resolved


_resolve = query("identities/resolve", _Row)


def resolve(tx: Transaction, identity_ids: Sequence[str], bound: Bound) -> dict[str, Standing]:
    """Return the standing of each tenure or user, by its identity id; an unknown id is left out."""
    resolved = _by_id(tx, identity_ids)
    found = standings(tx, list(resolved.values()), [bound] * len(resolved))
    return {identity_id: standing for identity_id, standing in zip(resolved, found, strict=True) if standing}


def standings(tx: Transaction, asked: Sequence[Resolved | None], bounds: Sequence[Bound]) -> list[Standing | None]:
    """Return the standing of each tenure or user that was resolved, each within its bound; None for None.

    Every act and read uses this rule. The first of these that exists decides:

    1. The user's identity.
    2. The identity that the strongest inference within the bound leads to.
    3. The tenure's own identity, at the top of its ties.
    """
    links = [
        strongest(resolved.probable, bound) if resolved else None for resolved, bound in zip(asked, bounds, strict=True)
    ]
    targets = _by_id(tx, sorted({link.identity_id for link in links if link is not None}))
    found: list[Standing | None] = []
    for resolved, bound, link in zip(asked, bounds, links, strict=True):
        if resolved is None or link is None:
            found.append(resolved.standing() if resolved else None)
        else:
            target = targets[link.identity_id]
            least = min(resolved.confidence, now_worth(link, bound), target.confidence)
            found.append(Standing(target.identity_id, None, "probable", least))
    return found


def certainly(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the standing of each tenure or user by facts alone, so that no inference leads on to another one."""
    return {identity_id: resolved.standing() for identity_id, resolved in _by_id(tx, identity_ids).items()}


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


def _by_id(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, Resolved]:
    rows = [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]
    return {identity_ids[row.i]: row.resolved for row in _resolve(tx, rows=rows)} if rows else {}


@dataclass(frozen=True)
class Members:
    """The tenures and visitors that make up an identity."""

    tenures: list[str]
    visitors: list[str]
    first_seen: datetime | None
    last_seen: datetime | None


members = query("identities/members", Members)
