"""The queries of a login (`identify`), which take a list of logins."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from graph.errors import Overtaken
from graph.model import Change
from graph.queries import Rows
from graph.query import query
from graph.rules import matching
from graph.rules.identifying import Above, HandOver, Held, LoginAt, Opening
from graph.rules.messages import Kept
from graph.rules.probable import Link
from graph.rules.propagation import Neighbour
from graph.rules.relationships import Known
from graph.rules.tombstones import Tombstone
from graph.rules.weighing import UserThere
from graph.transaction import Rung, Transaction

#: How many hops from a login's visitor one `identify/lock` looks for neighbours.
HOPS = 2


@dataclass(frozen=True)
class Around:
    """Where a login's neighbours are looked for.

    `weeks` are those of `BrowserAtIp`. A place with more than `crowd` visitors is skipped, and so is one with more
    others than `shared_by_max` has for the hop.
    """

    weeks: Sequence[str]
    crowd: int
    shared_by_max: Sequence[int]


@dataclass(frozen=True)
class LockedLogin:
    """The nodes that a login has locked: its session's jar, and visitors.

    `visitor_id` is the visitor that the jar is in. `beside` are this visitor and the neighbours beside which more were
    looked for; it is empty if no neighbour was found. `visitor_ids` are all locked visitors. `started_at` is when the
    session began.
    """

    jar_id: str
    visitor_id: str
    beside: frozenset[str]
    visitor_ids: frozenset[str]
    started_at: datetime


@dataclass(frozen=True)
class _Locked:
    i: int
    jar_id: str
    visitor_id: str
    near_ids: list[str]
    further_ids: list[str]
    locked_ids: list[str]
    started_at: datetime


@dataclass(frozen=True)
class LoginFacts:
    """The session and tenure that a login is in, and the tenures above, nearest first.

    `visitor_id` is the visitor that the session's jar is in, and `recent_users` are this visitor's, which was last
    seen at `visitor_seen`. `contradicts` says
    that the merge group has a cannot-link to the user, open or closed, whose `closed_on` does not list this visitor.
    `known` is what is known of the user and the merge group. `graph.rules.identifying` describes `held`, `released` and
    `again`.
    """

    session_id: str
    started_at: datetime
    last_seen: datetime
    erased_from: datetime | None
    erased_at: datetime | None
    tenure_id: str
    jar_known: bool
    visitor_id: str
    visitor_seen: datetime
    recent_users: list[str]
    held: Held | None
    released: LoginAt | None
    contradicts: bool
    again: LoginAt | None
    above: list[Above]
    known: Known

    @property
    def erased_part(self) -> tuple[datetime, datetime] | None:
        """Since when the session was an erased user's, and when that was erased."""
        return (self.erased_from, self.erased_at) if self.erased_from and self.erased_at else None

    @property
    def survivor_id(self) -> str:
        """The survivor of the merge group of the visitor."""
        return self.known.survivor_id


@dataclass(frozen=True)
class Gathered:
    """What a login finds: the earlier call with its message id, and its session; each is None if there is none."""

    i: int
    message: Kept | None
    erased: list[Tombstone]
    login: LoginFacts | None


@dataclass(frozen=True)
class LockedUser:
    """The locked user of a login; `linked_id` is the identity of all users linked with it.

    `unverified_claims` is how many claims without a signature the user has; it is 0 while they are fewer than the bound.
    `recent_claims` are the latest of them (`graph/rules/unverified.py`).

    `neighbours` are the locked visitors that the login may be carried on to, and `inferred` the inferences that point to
    the user; both are empty if there is no neighbour. `others` are the other users that the login's visitor had around its
    time.
    """

    i: int
    identity_id: str
    linked_id: str | None
    created_at: datetime
    unverified_claims: int
    recent_claims: list[int]
    neighbours: list[Neighbour]
    inferred: list[Link]
    others: list[UserThere]


@dataclass(frozen=True)
class Attributed:
    """A number of sessions and events."""

    sessions: int
    events: int


@dataclass(frozen=True)
class _Applied:
    i: int
    sessions: int
    events: int


_lock = query("identify/lock", _Locked)
_gather = query("identify/gather", Gathered)
_lock_users = query("identify/lock_users", LockedUser)
_hand_over = query("identify/hand_over", Attributed)
_apply = query("identify/apply", _Applied)


def lock(tx: Transaction, session_ids: Sequence[str], around: Sequence[Around]) -> dict[int, LockedLogin]:
    """Lock the jars of the sessions, then visitors: merge groups, those of the tenures above, and neighbours.

    With each visitor its survivor is locked too. The result is by the number of the session in the list; it has none for
    a session that does not exist.
    """
    locked: dict[int, LockedLogin] = {}
    from_ids: dict[int, list[str] | None] = dict.fromkeys(range(len(session_ids)))
    hop = 0
    while from_ids:
        rows = [
            {
                "i": i,
                "session_id": session_ids[i],
                "from_ids": ids,
                "weeks": list(around[i].weeks),
                "crowd": around[i].crowd,
                "shared_by_max": list(around[i].shared_by_max[hop : hop + HOPS]),
            }
            for i, ids in from_ids.items()
        ]
        found = _lock(tx, rows=rows, **_places(around))
        tx.locks.take(Rung.JAR, {row.jar_id for row in found})
        tx.locks.take(Rung.VISITOR, {visitor_id for row in found for visitor_id in row.locked_ids})
        for row in found:
            beside = _beside(row, from_ids[row.i], around[row.i].shared_by_max[hop + 1 :])
            before = locked.get(
                row.i, LockedLogin(row.jar_id, row.visitor_id, frozenset(), frozenset(), row.started_at)
            )
            locked[row.i] = replace(
                before, beside=before.beside | beside, visitor_ids=before.visitor_ids.union(row.locked_ids)
            )
        hop += HOPS
        # Hardly any policy carries a login on further than one query looks.
        from_ids = {row.i: row.further_ids for row in found if row.further_ids and around[row.i].shared_by_max[hop:]}
    return locked


def _beside(row: _Locked, from_ids: Sequence[str] | None, hops_after: Sequence[int]) -> frozenset[str]:
    """Return the visitors whose neighbours matter to the login; none if no neighbour was found."""
    if not row.near_ids:
        return frozenset()
    return frozenset(from_ids or [row.visitor_id]).union(row.near_ids if hops_after else ())


def gather(tx: Transaction, rows: Rows) -> list[Gathered]:
    """Return what each login finds, in the order of `i`."""
    found: dict[int, Gathered] = {}
    for row in _gather(tx, rows=rows):
        # A damaged graph may give several rows, such as for a jar in two visitors.
        found.setdefault(row.i, row)
    return [found[i] for i in sorted(found)]


def gather_each(tx: Transaction, logins: Sequence[tuple[str, str, datetime]]) -> list[LoginFacts | None]:
    """Return what logins find that have no message, of a session, a user and a time; None where there is no such session."""
    rows: list[dict[str, object]] = [
        {"i": i, "message_id": None, "session_id": session_id, "user_id": user_id, "at": at, "hashes": []}
        for i, (session_id, user_id, at) in enumerate(logins)
    ]
    return [found.login for found in sorted(gather(tx, rows), key=lambda found: found.i)]


def lock_users(
    tx: Transaction, rows: Rows, around: Sequence[Around], *, users_days: float, claims_max: int
) -> dict[int, LockedUser]:
    """Lock the users who log in, and create those who do not exist; return them by `i`, with the logins' neighbours.

    Raises:
        Overtaken: A user was erased while this act waited for the lock.
    """
    found = _lock_users(tx, rows=rows, users_days=users_days, claims_max=claims_max, **_places(around))
    locked = {row.i: row for row in found}
    if len(locked) < len(rows):
        raise Overtaken("the user was erased just now")
    tx.locks.take(Rung.USER, {row["user_id"] for row in rows})
    return locked


def _places(around: Sequence[Around]) -> dict[str, Any]:
    return {
        "places_max": max((each.crowd * len(each.weeks) for each in around), default=0),
        "unknown_browsers": sorted(matching.UNKNOWN_BROWSERS),
    }


def hand_over(tx: Transaction, at_login: HandOver) -> Attributed:
    """Divide the tenure of a session at a login; return the number of sessions and events of the new tenure."""
    return _hand_over(tx, **asdict(at_login))[0]


@dataclass(frozen=True)
class Writes:
    """What a change writes: the tenures whose `RESOLVES_TO` closes, and the edges that open.

    A login also has the tenures that it `decides`, with their users, whose contradicted inferences close, and `gains`, the
    tenures that the user has from now on. It has the visitor's `recent_users` and the user's `recent_claims`, if they
    changed. `relationships` and `traces` are rows. `touches` are the tenures that the act writes afterwards, which are
    locked with these.
    """

    change: Change
    closes: Sequence[str]
    opens: Sequence[Opening]
    touches: Collection[str] = ()
    decides: Sequence[Opening] = ()
    gains: Sequence[str] = ()
    visitor_id: str | None = None
    recent_users: Sequence[str] | None = None
    user_id: str | None = None
    recent_claims: Sequence[int] | None = None
    relationships: Rows = ()
    traces: Rows = ()


def apply(tx: Transaction, writes: Sequence[Writes]) -> list[Attributed]:
    """Write each change, and return the numbers of sessions and events of what it gains; hand-overs are written already."""
    rows = [
        {
            "i": i,
            "at": each.change.at,
            "change_id": each.change.id,
            "tenure_ids": sorted({*each.touches, *each.closes, *(opening.tenure_id for opening in each.opens)}),
            "closes": list(each.closes),
            "opens": [{"tenure_id": opening.tenure_id, **asdict(opening.held)} for opening in each.opens],
            "decides": [{"tenure_id": opening.tenure_id, "user_id": opening.held.user_id} for opening in each.decides],
            "gains": list(each.gains),
            "visitor_id": each.visitor_id,
            "recent_users": each.recent_users if each.recent_users is None else list(each.recent_users),
            "user_id": each.user_id,
            "recent_claims": each.recent_claims if each.recent_claims is None else list(each.recent_claims),
            "relationships": list(each.relationships),
            "traces": list(each.traces),
        }
        for i, each in enumerate(writes)
    ]
    applied = {row.i: Attributed(row.sessions, row.events) for row in _apply(tx, rows=rows)}
    return [applied[i] for i in range(len(rows))]


def resolve(tx: Transaction, closes: Sequence[str], opens: Sequence[Opening], *, at: datetime) -> None:
    """Close the `RESOLVES_TO` edges of the tenures `closes`, then open those of `opens`, for the transaction's change."""
    if closes or opens:
        apply(tx, [Writes(replace(tx.change, at=at), closes, opens)])
