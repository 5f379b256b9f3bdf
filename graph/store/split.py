"""What a split reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, query
from graph.rules.relationships import Record, Records, Source
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Part:
    """Where a part of a visitor, or some of it, is: in which visitor itself, by which jars, of how many, and what it is tied to.

    `apart_ids` are visitors that somebody said the visitor is not one with; `user_ids` were its users or are not.
    """

    visitor_id: str
    jar_ids: list[str]
    jars: int
    tied_to: str | None
    apart_ids: list[str]
    user_ids: list[str]


@dataclass(frozen=True)
class Merged:
    """What a visitor was merged into, by which change, and of whom something was said there, be it closed."""

    into_id: str
    change_id: str
    user_ids: list[str]


@dataclass(frozen=True)
class Crossing:
    """A tie between two sides of a split."""

    tenure_id: str
    above_id: str
    change_id: str


@dataclass(frozen=True)
class Merge:
    """A merge that is still open."""

    visitor_id: str
    into_id: str
    change_id: str


@dataclass(frozen=True)
class _Association:
    visitor_id: str
    user_id: str
    source: Source
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class _Fingerprint:
    hash: str


@dataclass(frozen=True)
class _Followed:
    visitor_id: str


@dataclass(frozen=True)
class Login:
    """When a user last logged in on a visitor, by jars that had not come back."""

    visitor_id: str
    user_id: str
    at: datetime


_find = query("split/find", Part)
_lock = query("split/lock", Nothing)
_lock_fingerprints = query("split/lock_fingerprints", _Fingerprint)
_merged = query("split/merged", Merged)
_unmerge = query("split/unmerge", Nothing)
_reopen = query("split/reopen", Nothing)
_move = query("split/move", Nothing)
_recount = query("split/recount", Nothing)
_keep_said = query("split/keep_said", Nothing)
_recollect = query("split/recollect", _Association)
_follow = query("split/follow", _Followed)
_addresses = query("split/addresses", Nothing)
_logins = query("split/logins", Login)
_fingerprints = query("split/fingerprints", Nothing)
_forget_fingerprint = query("split/forget_fingerprint", Nothing)
_forbid_visitors = query("split/forbid_visitors", Nothing)
_forbid_tenures = query("split/forbid_tenures", Nothing)
_crossing = query("split/crossing", Crossing)
_untie = query("split/untie", Nothing)
_merges = query("split/merges", Merge)
_associations = query("split/associations", _Association)


def find(
    tx: Transaction, visitor_id: str, *, jar_id: str | None, tenure_id: str | None, fingerprint: str | None
) -> list[Part]:
    """Where in a visitor, merged ones and all, a part is; a fingerprint may be in several of them."""
    return _find(tx, visitor_id=visitor_id, jar_id=jar_id, tenure_id=tenure_id, fingerprint=fingerprint)


def lock(tx: Transaction, jar_ids: Sequence[str], fingerprint: str | None, *, fingerprint_crowd: int) -> None:
    """Lock jars, then the fingerprints that were seen on them, and one besides, as far as they could own."""
    _lock(tx, jar_ids=jar_ids)
    tx.locks.take(Rung.JAR, jar_ids)
    found = _lock_fingerprints(tx, jar_ids=jar_ids, fingerprint=fingerprint, fingerprint_crowd=fingerprint_crowd)
    tx.locks.take(Rung.FINGERPRINT, {row.hash for row in found})


def merged(tx: Transaction, visitor_id: str) -> Merged | None:
    """The merge by which a visitor counts for another, None where it does not."""
    rows = _merged(tx, visitor_id=visitor_id)
    return rows[0] if rows else None


def unmerge(
    tx: Transaction,
    visitor_id: str,
    *,
    at: datetime,
) -> None:
    """Close the merge by which a visitor counts for another."""
    _unmerge(tx, visitor_id=visitor_id, at=at)


def reopen(tx: Transaction, visitor_ids: Sequence[str]) -> None:
    """Say again against visitors what was contradicted only on those that they are one with no longer."""
    _reopen(tx, visitor_ids=visitor_ids)


def recollect(tx: Transaction, visitor_ids: Sequence[str], user_ids: Sequence[str]) -> dict[tuple[str, str], Records]:
    """Let collected user ids count that were refused only for what was said beyond; answers them by (user, visitor)."""
    return _by_pair(_recollect(tx, visitor_ids=visitor_ids, user_ids=user_ids))


def move(
    tx: Transaction,
    visitor_id: str,
    new_visitor_id: str,
    jar_ids: Sequence[str],
    *,
    evidence: str,
    at: datetime,
) -> None:
    """Put jars into a new visitor, which may have some of others by now, and count anew what both consist of and which fingerprints they have."""
    _move(
        tx,
        visitor_id=visitor_id,
        new_visitor_id=new_visitor_id,
        rows=[{"jar_id": jar_id} for jar_id in jar_ids],
        evidence=evidence,
        at=at,
    )
    _recount(tx, visitor_ids=[visitor_id, new_visitor_id])
    _fingerprints(tx, visitor_id=visitor_id, new_visitor_id=new_visitor_id, at=at)


def keep_said(tx: Transaction, visitor_ids: Sequence[str], new_visitor_id: str) -> None:
    """Say of a new visitor what was said of those it comes from; all of them and what it was said about are locked.

    The new one is one with nobody: once it is known who was seen on it, what was contradicted elsewhere is to be said
    of it again.
    """
    _keep_said(tx, visitor_ids=visitor_ids, new_visitor_id=new_visitor_id)


def follow(tx: Transaction, survivor_id: str, visitor_ids: Sequence[str], new_visitor_id: str) -> None:
    """Let what was contradicted on visitors be so where the user is known by now, after jars of theirs went to the new one.

    What is contradicted only beyond is said again.
    """
    followed = _follow(tx, survivor_id=survivor_id, visitor_ids=visitor_ids, new_visitor_id=new_visitor_id)
    reopen(tx, sorted({new_visitor_id, *(row.visitor_id for row in followed)}))


def addresses(tx: Transaction, visitor_id: str, new_visitor_id: str) -> None:
    """Count anew where a visitor and the new one that comes from it were seen."""
    _addresses(tx, visitor_id=visitor_id, new_visitor_id=new_visitor_id)


def logins(tx: Transaction, visitor_ids: Sequence[str]) -> list[Login]:
    """Who logged in on visitors by jars that had not come back, and when last."""
    return _logins(tx, visitor_ids=visitor_ids)


def forget_fingerprint(tx: Transaction, visitor_id: str, fingerprint: str, *, at: datetime) -> None:
    """Take a fingerprint from a visitor for good."""
    _forget_fingerprint(tx, visitor_id=visitor_id, fingerprint=fingerprint, at=at)


def forbid_visitors(tx: Transaction, visitor_id: str, other_id: str, *, at: datetime) -> None:
    """Remember that two visitors are not one."""
    _forbid_visitors(tx, visitor_id=visitor_id, other_id=other_id, at=at)


def forbid_tenures(tx: Transaction, tenure_id: str, other_id: str, *, at: datetime) -> None:
    """Remember that two tenures are not one person's."""
    _forbid_tenures(tx, tenure_id=tenure_id, other_id=other_id, at=at)


def crossing(tx: Transaction, visitor_ids: Sequence[str]) -> list[Crossing]:
    """The ties between tenures of these visitors and those of others."""
    return _crossing(tx, visitor_ids=visitor_ids)


def untie(
    tx: Transaction,
    tenure_ids: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Close what tenures are tied to."""
    if tenure_ids:
        rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
        _untie(tx, rows=rows, at=at)


def merges(tx: Transaction, visitor_id: str, change_ids: Sequence[str]) -> list[Merge]:
    """The merges within a visitor that certain changes made and that are open, earliest first."""
    return _merges(tx, visitor_id=visitor_id, change_ids=change_ids)


def associations(tx: Transaction, visitor_ids: Sequence[str]) -> dict[tuple[str, str], Records]:
    """What was observed on visitors' own jars, by (user, visitor), but for what was closed since."""
    return _by_pair(_associations(tx, visitor_ids=visitor_ids))


def _by_pair(rows: Sequence[_Association]) -> dict[tuple[str, str], Records]:
    found: dict[tuple[str, str], dict[Source, Record]] = {}
    for row in rows:
        found.setdefault((row.user_id, row.visitor_id), {})[row.source] = Record(row.count, row.first, row.last)
    return dict(found)
