"""What a split reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
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
class MergedInto:
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
class OpenMerge:
    """A merge that is still open."""

    visitor_id: str
    into_id: str
    change_id: str


@dataclass(frozen=True)
class Recollected:
    """A user whose refused user ids count on a visitor from now on."""

    visitor_id: str
    user_id: str


@dataclass(frozen=True)
class _Fingerprint:
    hash: str


@dataclass(frozen=True)
class _Followed:
    visitor_id: str


find = query("split/find", Part)
_lock = query("split/lock", Nothing)
_lock_fingerprints = query("split/lock_fingerprints", _Fingerprint)
merged = query("split/merged", MergedInto)
unmerge = query("split/unmerge", Nothing)
reopen = query("split/reopen", Nothing)
_move = query("split/move", Nothing)
keep_said = query("split/keep_said", Nothing)
recollect = query("split/recollect", Recollected)
_follow = query("split/follow", _Followed)
addresses = query("split/addresses", Nothing)
_fingerprints = query("split/fingerprints", Nothing)
forget_fingerprint = query("split/forget_fingerprint", Nothing)
forbid_visitors = query("split/forbid_visitors", Nothing)
forbid_tenures = query("split/forbid_tenures", Nothing)
crossing = query("split/crossing", Crossing)
_untie = query("split/untie", Nothing)
merges = query("split/merges", OpenMerge)


def lock(tx: Transaction, jar_ids: Sequence[str], fingerprint: str | None, *, fingerprint_crowd: int) -> None:
    """Lock jars, then the fingerprints that were seen on them, and one besides, as far as they could own."""
    _lock(tx, jar_ids=jar_ids)
    tx.locks.take(Rung.JAR, jar_ids)
    found = _lock_fingerprints(tx, jar_ids=jar_ids, fingerprint=fingerprint, fingerprint_crowd=fingerprint_crowd)
    tx.locks.take(Rung.FINGERPRINT, {row.hash for row in found})


def move(
    tx: Transaction,
    visitor_id: str,
    new_visitor_id: str,
    jar_ids: Sequence[str],
    *,
    evidence: str,
    at: datetime,
) -> None:
    """Put jars into a new visitor, which may have some of others by now, and count anew which fingerprints both have."""
    _move(
        tx,
        visitor_id=visitor_id,
        new_visitor_id=new_visitor_id,
        rows=[{"jar_id": jar_id} for jar_id in jar_ids],
        evidence=evidence,
        at=at,
    )
    _fingerprints(tx, visitor_id=visitor_id, new_visitor_id=new_visitor_id, at=at)


def follow(tx: Transaction, survivor_id: str, visitor_ids: Sequence[str], new_visitor_id: str) -> None:
    """Let what was contradicted on visitors be so where the user is known by now, after jars of theirs went to the new one.

    What is contradicted only beyond is said again.
    """
    followed = _follow(tx, survivor_id=survivor_id, visitor_ids=visitor_ids, new_visitor_id=new_visitor_id)
    reopen(tx, visitor_ids=sorted({new_visitor_id, *(row.visitor_id for row in followed)}))


def untie(tx: Transaction, tenure_ids: Sequence[str], *, at: datetime) -> None:
    """Close what tenures are tied to."""
    rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
    _untie(tx, rows=rows, at=at)
