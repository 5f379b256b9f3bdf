"""What an `identify` reads and writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.identifying import Above, Again, ClaimDecision, HandOver, Held, Opening, ReleasedTenure
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class LoginFacts:
    """The session and tenure a login falls into, and the tenures above."""

    session_id: str
    started_at: datetime
    last_seen: datetime
    tenure_id: str
    jar_known: bool
    visitor_id: str
    survivor_id: str
    recent_users: list[str]
    held: Held | None
    released: ReleasedTenure | None
    contradicts: bool
    again: Again | None
    above: list[Above]


@dataclass(frozen=True)
class Attributed:
    """How many sessions and events."""

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
    """The visitor of a session, None where there is no such session."""
    rows = _visitor(tx, session_id=session_id)
    return rows[0].visitor_id if rows else None


def lock(tx: Transaction, session_id: str, neighbour_ids: Sequence[str]) -> None:
    """Lock the session's jar, then its visitor's merge group, the visitors of the tenures above, and neighbours with their survivors."""
    found = _lock(tx, session_id=session_id, neighbour_ids=neighbour_ids)
    tx.locks.take(Rung.JAR, {row.jar_id for row in found})
    tx.locks.take(Rung.VISITOR, {row.visitor_id for row in found})


def hand_over(tx: Transaction, at_login: HandOver) -> Attributed:
    """Divide the tenure of a session at a login; says what the new one has."""
    return _hand_over(tx, **asdict(at_login))[0]


def apply(tx: Transaction, claim: ClaimDecision, *, now: datetime) -> None:
    """Write down what a login changes."""
    resolve(tx, claim.closes, claim.opens, at=now)


def resolve(tx: Transaction, closes: Sequence[str], opens: Sequence[Opening], *, at: datetime) -> None:
    """Close and open what tenures resolve to."""
    closing = [{"tenure_id": tenure_id} for tenure_id in closes]
    _close(tx, rows=closing, at=at)
    _resolve(tx, rows=[_opening(one) for one in opens], now=at)


def remember(tx: Transaction, visitor_id: str, recent_users: tuple[str, ...]) -> None:
    """Keep the users seen lately on a visitor."""
    _remember(tx, visitor_id=visitor_id, recent_users=list(recent_users))


def _opening(opening: Opening) -> dict[str, object]:
    return {"tenure_id": opening.tenure_id, **asdict(opening.held)}
