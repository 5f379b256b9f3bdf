"""The queries of an erasure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.times import END
from graph.rules.tombstones import Hashing, Name, Tombstone
from graph.transaction import Transaction


@dataclass(frozen=True)
class LastErasure:
    """The latest erasure of an id; `is_pending` says that it is not finished."""

    erasure_id: str
    is_pending: bool


@dataclass(frozen=True)
class FoundTenure:
    """A tenure of whoever is to be erased, who claimed it, and the tenure that it is tied to.

    Without it, the users `beside_ids` and the visitors `left_ids`, which its jar was in, lose edges.
    """

    tenure_id: str
    jar_id: str
    visitor_id: str
    claimed_by: str | None
    above_id: str | None
    beside_ids: list[str]
    left_ids: list[str]


@dataclass(frozen=True)
class Pending:
    """An erasure that is not finished, with the names that it looks for, and how much it has removed."""

    kind: str
    at: datetime
    names: list[str]
    removed: Mapping[str, int]


@dataclass(frozen=True)
class Receipt:
    """An erasure; `removed` has how many things of each kind it has removed so far."""

    erasure_id: str
    kind: str
    at: datetime
    finished_at: datetime | None
    removed: Mapping[str, int]


@dataclass(frozen=True)
class RemovedEvents:
    """How many nodes were removed, and the message ids that must not come back."""

    count: int
    message_ids: list[str]


@dataclass(frozen=True)
class RemovedAnswers:
    """How many kept answers were looked at, the last of them, and the message ids of those that were removed."""

    count: int
    last: str | None
    message_ids: list[str]


@dataclass(frozen=True)
class RemovedVisit:
    session_id: str | None
    message_id: str | None


@dataclass(frozen=True)
class RemovedPlaces:
    looked_at: int
    addresses: int


@dataclass(frozen=True)
class KnownPerson:
    """A user or a visitor, and since when it is known."""

    id: str
    since: datetime | None


@dataclass(frozen=True)
class _Visitor:
    visitor_id: str


@dataclass(frozen=True)
class LeftVisitor:
    """A visitor that held something of an erased user, and the visitors that its jars are in now."""

    visitor_id: str
    visitor_ids: list[str]


@dataclass(frozen=True)
class _IsNamed:
    is_named: bool


@dataclass(frozen=True)
class _User:
    user_id: str


@dataclass(frozen=True)
class _Jar:
    jar_id: str


@dataclass(frozen=True)
class _Hash:
    hash: str


@dataclass(frozen=True)
class _Count:
    count: int


@dataclass(frozen=True)
class _Erasure:
    erasure_id: str


@dataclass(frozen=True)
class _Erased:
    erased: list[Tombstone]


_claim = query("erase/claim", LastErasure)
_find = query("erase/find", FoundTenure)
_related = query("erase/related", _Visitor)
_joined = query("erase/joined", _User)
_others = query("erase/others", _Visitor)
begin = query("erase/begin", Nothing)
withdraw = query("erase/withdraw", Nothing)
_uninfer = query("erase/uninfer", Nothing)
_detach = query("erase/detach", Nothing)
_jars = query("erase/jars", _Jar)
_first = query("erase/first", Nothing)
_unsee = query("erase/unsee", _Hash)
_visitors = query("erase/visitors", _User)
_emptied = query("erase/emptied", _Visitor)
_users = query("erase/users", _User)
_bury = query("erase/bury", Nothing)
lock = query("erase/lock", Pending)
write = query("erase/write", Nothing)
events = query("erase/events", RemovedEvents)
visits = query("erase/visits", RemovedVisit)
_shells = query("erase/shells", _Count)
places = query("erase/places", RemovedPlaces)
listed = query("erase/listed", LeftVisitor)
_leaving = query("erase/leaving", _User)
unlist = query("erase/unlist", Nothing)
unname = query("erase/unname", Nothing)
logins = query("erase/logins", RemovedEvents)
named = query("erase/named", RemovedEvents)
_is_named = query("erase/is_named", _IsNamed)
_reword = query("erase/reword", _Count)
audit = query("erase/audit", RemovedEvents)
_mentions = query("erase/mentions", _Count)
answers = query("erase/answers", RemovedAnswers)
_warnings = query("erase/warnings", _Count)
finish = query("erase/finish", Nothing)
get = query("erase/get", Receipt)
_pending = query("erase/pending", _Erasure)
page = query("erase/page", Tombstone)
_restore = query("erase/restore", Nothing)
people = query("erase/people", KnownPerson)
_tombstones = query("erase/tombstones", _Erased)


def claim(tx: Transaction, name: Name, hashing: Hashing) -> LastErasure | None:
    """Lock the tombstone of whoever is to be erased, and return the latest erasure of the same id."""
    hashes = hashing.of(name)
    return _claim.one_or_none(tx, hash=hashes[0], hashes=hashes)


def find(
    tx: Transaction,
    *,
    user_id: str | None = None,
    server_jar_id: str | None = None,
    until: datetime = END,
    visitor_id: str | None = None,
    limit: int,
) -> list[FoundTenure]:
    """Return the first tenures of a user, with those on a servers' jar that was made until a time, or of a merge group."""
    return _find(
        tx,
        user_id=user_id,
        visitor_id=visitor_id,
        server_jar_id=server_jar_id,
        until=until,
        after="",
        limit=limit,
    )


def is_named(tx: Transaction, user_id: str, codes: Collection[str]) -> bool:
    """Whether a user is named by a node without edges, by a login that claimed nothing, or by a warning of one of these codes."""
    return bool(_is_named(tx, user_id=user_id, codes=sorted(codes)))


def related(tx: Transaction, user_id: str) -> set[str]:
    """Return the visitors that hold something of a user."""
    return {row.visitor_id for row in _related(tx, user_id=user_id)}


def joined(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Return the users that are or were joined to the merge groups of these visitors."""
    return {row.user_id for row in _joined(tx, visitor_ids=visitor_ids)}


def others(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Return the other visitors that a cannot-link, a candidate or an undone merge joins to these visitors' merge groups."""
    return {row.visitor_id for row in _others(tx, visitor_ids=visitor_ids)}


def uninfer(tx: Transaction, tenure_ids: Iterable[str]) -> None:
    """Remove the inferences that were carried on by way of these tenures."""
    _uninfer(tx, rows=[{"tenure_id": tenure_id} for tenure_id in tenure_ids])


def detach(tx: Transaction, erasure_id: str, tenure_ids: Iterable[str]) -> None:
    """Take tenures out of the graph."""
    _detach(tx, erasure_id=erasure_id, rows=[{"tenure_id": tenure_id} for tenure_id in tenure_ids])


def jars(tx: Transaction, jar_ids: Iterable[str]) -> list[str]:
    """Remove the jars that have no tenure left, and return their ids."""
    return [row.jar_id for row in _jars(tx, rows=[{"jar_id": jar_id} for jar_id in jar_ids])]


def first(tx: Transaction, visitor_ids: Sequence[str]) -> None:
    """Let the oldest jar of each visitor that lost its first one stand for that."""
    _first(tx, rows=[{"visitor_id": visitor_id} for visitor_id in visitor_ids])


def unsee(tx: Transaction, erasure_id: str, visitor_ids: Sequence[str], *, is_whole: bool) -> list[str]:
    """Remove what visitors were seen with and is not seen any more; return the fingerprints that nobody has now.

    `is_whole` says that nothing of the visitors is left.
    """
    removed = _unsee(tx, erasure_id=erasure_id, visitor_ids=visitor_ids, is_whole=is_whole)
    return sorted({row.hash for row in removed})


def visitors(tx: Transaction, visitor_ids: Sequence[str]) -> set[str]:
    """Remove visitors, and return the users that were joined to them."""
    return {row.user_id for row in _visitors(tx, visitor_ids=visitor_ids)}


def emptied(tx: Transaction, visitor_ids: Sequence[str]) -> list[str]:
    """Return those of these visitors whose merge groups have no jar left."""
    return [row.visitor_id for row in _emptied(tx, visitor_ids=visitor_ids)]


def users(tx: Transaction, user_ids: Iterable[str], *, is_erased: bool) -> list[str]:
    """Remove users that nothing but links is joined to, and return them; a user that is erased goes with all that is joined to it."""
    removed = _users(tx, rows=[{"user_id": user_id, "is_erased": is_erased} for user_id in user_ids])
    return [row.user_id for row in removed]


def bury(tx: Transaction, erasure_id: str, names: Iterable[Name], hashing: Hashing, *, at: datetime) -> None:
    """Set the tombstones of ids, by the key in force."""
    hashes = sorted({hashing.of(name)[0] for name in names})
    _bury(tx, erasure_id=erasure_id, at=at, rows=[{"hash": found} for found in hashes])


def shells(tx: Transaction, erasure_id: str, limit: int) -> int:
    """Remove tenures during which nothing is left; return how many."""
    return _shells.one(tx, erasure_id=erasure_id, limit=limit).count


def leaving(tx: Transaction) -> set[str]:
    """Return the users whose erasure is not finished: things that they did may still be there."""
    return {row.user_id for row in _leaving(tx)}


def reword(
    tx: Transaction, erasure_id: str, *, user_texts: Sequence[str], identity_id: str, identity_text: str, limit: int
) -> int:
    """Take a user's ids from what calls on one listed tenure were answered; return 0 if no tenure is listed."""
    row = _reword.one_or_none(
        tx,
        erasure_id=erasure_id,
        user_texts=user_texts,
        identity_id=identity_id,
        identity_text=identity_text,
        limit=limit,
    )
    return row.count if row else 0


def mentions(tx: Transaction, visitor_id: str, texts: Sequence[str], *, at: datetime) -> int:
    """Take a user's id from a visitor's audit entries until a time; return in how many entries."""
    return _mentions.one(tx, subject=f"visitor:{visitor_id}", texts=texts, at=at).count


def warnings(tx: Transaction, subjects: Sequence[str]) -> int:
    """Remove the warnings about subjects; return how many."""
    return _warnings.one(tx, subjects=subjects).count


def pending(tx: Transaction, but: Collection[str] = ()) -> str | None:
    """Return an erasure that is not finished, but none of these."""
    row = _pending.one_or_none(tx, but=list(but))
    return row.erasure_id if row else None


def restore(tx: Transaction, kept: Sequence[Tombstone]) -> None:
    """Set tombstones that were kept elsewhere."""
    _restore(tx, rows=[{"hash": tombstone.hash, "at": tombstone.at} for tombstone in kept])


def tombstones(tx: Transaction, hashes: Sequence[str]) -> list[Tombstone]:
    """Return those of these hashes that are tombstones."""
    return _tombstones.one(tx, rows=[{"hashes": hashes}]).erased if hashes else []
