"""What an `identify` reads and writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from graph.database import Transaction
from graph.queries import Nothing, query
from graph.rules.identifying import Above, Again, Claim, Held, Opening, Released, Split


@dataclass(frozen=True)
class Found:
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
    released: Released | None
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


_visitor = query("identify/visitor", _Visitor)
_lock = query("identify/lock", _Visitor)
_gather = query("identify/gather", Found)
_hand_over = query("identify/hand_over", Attributed)
_close = query("identify/close", Nothing)
_resolve = query("identify/resolve", Nothing)
_attributed = query("identify/attributed", Attributed)
_remember = query("identify/remember", Nothing)


def visitor(tx: Transaction, tenant: str, session_id: str) -> str | None:
    """The visitor of a session, None where there is no such session."""
    rows = _visitor(tx, tenant=tenant, session_id=session_id)
    return rows[0].visitor_id if rows else None


def lock(tx: Transaction, tenant: str, session_id: str, neighbour_ids: Sequence[str]) -> set[str]:
    """Lock all that are one with the visitor of a session, those of the tenures above, neighbours, and what these were merged into."""
    return {row.visitor_id for row in _lock(tx, tenant=tenant, session_id=session_id, neighbour_ids=neighbour_ids)}


def gather(tx: Transaction, tenant: str, session_id: str, user_id: str, at: datetime) -> Found | None:
    """Where a user's login of that time falls, None where there is no such session."""
    rows = _gather(tx, tenant=tenant, session_id=session_id, user_id=user_id, at=at)
    return rows[0] if rows else None


def hand_over(tx: Transaction, tenant: str, split: Split, *, change_id: str) -> Attributed:
    """Split the tenure of a session at a login; says what the new one has."""
    return _hand_over(tx, tenant=tenant, **asdict(split), change_id=change_id)[0]


def apply(tx: Transaction, tenant: str, claim: Claim, *, now: datetime, change_id: str) -> None:
    """Write down what a login changes."""
    resolve(tx, tenant, claim.closes, claim.opens, at=now, change_id=change_id)


def resolve(
    tx: Transaction, tenant: str, closes: Sequence[str], opens: Sequence[Opening], *, at: datetime, change_id: str
) -> None:
    """Close and open what tenures resolve to."""
    if closes:
        closing = [{"tenure_id": tenure_id} for tenure_id in closes]
        _close(tx, tenant=tenant, rows=closing, at=at, change_id=change_id)
    if opens:
        _resolve(tx, tenant=tenant, rows=[_opening(one) for one in opens], now=at, change_id=change_id)


def attributed(tx: Transaction, tenant: str, tenure_ids: list[str]) -> Attributed:
    """How many sessions and events follow these tenures, from counters."""
    return _attributed(tx, tenant=tenant, tenure_ids=tenure_ids)[0]


def remember(tx: Transaction, tenant: str, visitor_id: str, recent_users: tuple[str, ...]) -> None:
    """Keep the users seen lately on a visitor."""
    _remember(tx, tenant=tenant, visitor_id=visitor_id, recent_users=list(recent_users))


def _opening(opening: Opening) -> dict[str, object]:
    return {"tenure_id": opening.tenure_id, **asdict(opening.held)}
