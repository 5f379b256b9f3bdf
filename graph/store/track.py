"""The queries of `track`, which takes a list of events."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows
from graph.query import query
from graph.rules.messages import Kept
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class EventFacts:
    """The session that an event belongs to at its time; if there is none, all fields about it are None.

    `own_id` is the visitor that its jar is in, and `visitor_id` the survivor of that visitor's merge group. `message` is
    the earlier call with the event's message id.
    """

    i: int
    message: Kept | None
    session_id: str | None
    own_id: str | None
    visitor_id: str | None
    tenure_id: str | None
    started_at: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True)
class _Locked:
    visitor_ids: list[str]


_lock = query("track/lock", _Locked)
_gather = query("track/gather", EventFacts)
apply = query("track/apply", Nothing)


def lock(tx: Transaction, rows: Rows) -> None:
    """Lock the visitors of the sessions, each without the rest of its merge group."""
    [row] = _lock(tx, rows=rows)
    tx.locks.take(Rung.VISITOR, row.visitor_ids)


def gather(tx: Transaction, rows: Rows) -> list[EventFacts]:
    """Return the facts of each event, in the order of `i`."""
    return sorted(_gather(tx, rows=rows), key=lambda facts: facts.i)
