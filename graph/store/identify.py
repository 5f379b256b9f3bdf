"""The queries of a login (`identify`)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.identifying import Above, ClaimDecision, HandOver, Held, LoginAt, Opening
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class LoginFacts:
    """The session and tenure that a login is in, and the tenures above, nearest first.

    `visitor_id` is the visitor that the session's jar is in, and `survivor_id` the survivor of its merge group.
    `recent_users` are the visitor's. `contradicts` says that the merge group has a cannot-link to the user, open or
    closed, whose `closed_on` does not list this visitor. `graph.rules.identifying` describes `held`, `released` and
    `again`.
    """

    session_id: str
    started_at: datetime
    last_seen: datetime
    tenure_id: str
    jar_known: bool
    visitor_id: str
    survivor_id: str
    recent_users: list[str]
    held: Held | None
    released: LoginAt | None
    contradicts: bool
    again: LoginAt | None
    above: list[Above]


@dataclass(frozen=True)
class Attributed:
    """A number of sessions and events."""

    sessions: int
    events: int


@dataclass(frozen=True)
class _Visitor:
    visitor_id: str


@dataclass(frozen=True)
class _Locked:
    jar_id: str
    visitor_id: str


_visitor = query("identify/visitor", _Visitor)
_lock = query("identify/lock", _Locked)
gather = query("identify/gather", LoginFacts)
_hand_over = query("identify/hand_over", Attributed)
_close = query("identify/close", Nothing)
_resolve = query("identify/resolve", Nothing)
attributed = query("identify/attributed", Attributed)
_remember = query("identify/remember", Nothing)


def visitor(tx: Transaction, session_id: str) -> str | None:
    """Return the visitor of a session; None if there is no such session."""
    rows = _visitor(tx, session_id=session_id)
    return rows[0].visitor_id if rows else None


def lock(tx: Transaction, session_id: str, neighbour_ids: Sequence[str]) -> None:
    """Lock the session's jar, then visitors: its visitor's merge group, those of the tenures above, and neighbours.

    With each visitor its survivor is locked too.
    """
    rows = _lock(tx, session_id=session_id, neighbour_ids=neighbour_ids)
    tx.locks.take(Rung.JAR, {row.jar_id for row in rows})
    tx.locks.take(Rung.VISITOR, {row.visitor_id for row in rows})


def hand_over(tx: Transaction, at_login: HandOver) -> Attributed:
    """Divide the tenure of a session at a login; return the number of sessions and events of the new tenure."""
    return _hand_over(tx, **asdict(at_login))[0]


def apply(tx: Transaction, decision: ClaimDecision, *, now: datetime) -> None:
    """Close and open the `RESOLVES_TO` edges that a login changes; its hand-overs are written already."""
    resolve(tx, decision.closes, decision.opens, at=now)


def resolve(tx: Transaction, closes: Sequence[str], opens: Sequence[Opening], *, at: datetime) -> None:
    """Close the `RESOLVES_TO` edges of the tenures `closes`, then open those of `opens`."""
    _close(tx, rows=[{"tenure_id": tenure_id} for tenure_id in closes], at=at)
    _resolve(tx, rows=[_opening(opening) for opening in opens], now=at)


def remember(tx: Transaction, visitor_id: str, recent_users: tuple[str, ...]) -> None:
    """Store the users who logged in on a visitor lately, as `graph.rules.kiosk` remembers them."""
    _remember(tx, visitor_id=visitor_id, recent_users=list(recent_users))


def _opening(opening: Opening) -> dict[str, object]:
    return {"tenure_id": opening.tenure_id, **asdict(opening.held)}
