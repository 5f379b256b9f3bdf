"""The queries of a split."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Part:
    """One visitor that holds a part of what is split off: the jars to move, and the number of all its jars.

    `tied_to` is the tenure above the part, if the part is a tenure that is tied. `cannot_linked_ids` are the visitors that
    an open cannot-link separates from the visitor. `user_ids` are the users with a closed relationship, or with a
    cannot-link to the visitor, open or contradicted.
    """

    visitor_id: str
    jar_ids: list[str]
    jars: int
    tied_to: str | None
    cannot_linked_ids: list[str]
    user_ids: list[str]


@dataclass(frozen=True)
class MergedInto:
    """The open merge of a visitor: the visitor it was merged into, and the change that did so.

    `user_ids` are the users to whom the merge group has a cannot-link, open or contradicted.
    """

    into_id: str
    change_id: str
    user_ids: list[str]


@dataclass(frozen=True)
class JoinedToEmptied:
    """A visitor or a user that an edge joins to a visitor of which an erasure left nothing."""

    visitor_id: str | None
    user_id: str | None


@dataclass(frozen=True)
class Crossing:
    """A tie from a tenure to the tenure above it, across the two sides of a split, and the change that opened it."""

    tenure_id: str
    above_id: str
    change_id: str


@dataclass(frozen=True)
class OpenMerge:
    """A merge that is still open: a visitor, the visitor it was merged into, and the change that did so."""

    visitor_id: str
    into_id: str
    change_id: str


@dataclass(frozen=True)
class Recollected:
    """A visitor and a user whose refused user ids count on it from now on."""

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
emptied = query("split/emptied", JoinedToEmptied)
remove_empty = query("split/remove_empty", Nothing)
reopen = query("split/reopen", Nothing)
_move = query("split/move", Nothing)
copy_cannot_links = query("split/copy_cannot_links", Nothing)
recollect = query("split/recollect", Recollected)
_follow = query("split/follow", _Followed)
addresses = query("split/addresses", Nothing)
_fingerprints = query("split/fingerprints", Nothing)
forget_fingerprint = query("split/forget_fingerprint", Nothing)
forbid_visitors = query("split/forbid_visitors", Nothing)
forbid_tenures = query("split/forbid_tenures", Nothing)
crossing = query("split/crossing", Crossing)
_untie = query("split/untie", Nothing)
uninfer = query("split/uninfer", Nothing)
merges = query("split/merges", OpenMerge)


def lock(tx: Transaction, jar_ids: Sequence[str], fingerprint: str | None, *, fingerprint_crowd: int) -> None:
    """Lock jars, then the fingerprints that were seen on them and the given fingerprint.

    A fingerprint is locked only while at most one merge group has it.
    """
    _lock(tx, jar_ids=jar_ids)
    tx.locks.take(Rung.JAR, jar_ids)
    locked = _lock_fingerprints(tx, jar_ids=jar_ids, fingerprint=fingerprint, fingerprint_crowd=fingerprint_crowd)
    tx.locks.take(Rung.FINGERPRINT, {row.hash for row in locked})


def move(
    tx: Transaction,
    visitor_id: str,
    new_visitor_id: str,
    jar_ids: Sequence[str],
    *,
    evidence: str,
    at: datetime,
) -> None:
    """Move jars from a visitor into a new visitor, and recount the fingerprints of both.

    The new visitor is created if need be. It may have jars of other visitors already.
    """
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
    """After jars moved, record each contradiction of a cannot-link on the visitors that now hold the user's evidence.

    `visitor_ids` are the visitors that the jars left. A cannot-link that is now contradicted only outside the merge group
    of its visitor opens again.
    """
    followed = _follow(tx, survivor_id=survivor_id, visitor_ids=visitor_ids, new_visitor_id=new_visitor_id)
    reopen(tx, visitor_ids=sorted({new_visitor_id, *(row.visitor_id for row in followed)}))


def untie(tx: Transaction, tenure_ids: Sequence[str], *, at: datetime) -> None:
    """Close the ties from tenures to the tenures above them."""
    rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
    _untie(tx, rows=rows, at=at)
