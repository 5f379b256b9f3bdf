"""The queries of `track`, which takes a list of events."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, Rows
from graph.query import query
from graph.rules.messages import Kept
from graph.rules.probable import Resolved
from graph.rules.tombstones import Tombstone
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class EventFacts:
    """The session that an event belongs to at its time; if there is none, all fields about it are None.

    `own_id` is the visitor that its jar is in, and `visitor_id` the survivor of that visitor's merge group. `message` is
    the earlier call with the event's message id, and `erased` are the tombstones of the ids that the event names. `locked_ids` are the visitors that were locked for all events.
    What happened in the session at `erased_from` or later was a user's who was erased at `erased_at`.
    """

    locked_ids: list[str]
    i: int
    message: Kept | None
    erased: list[Tombstone]
    session_id: str | None
    own_id: str | None
    visitor_id: str | None
    tenure_id: str | None
    resolved: Resolved | None
    started_at: datetime | None
    last_seen: datetime | None
    erased_from: datetime | None
    erased_at: datetime | None

    @property
    def erased_part(self) -> tuple[datetime, datetime] | None:
        return (self.erased_from, self.erased_at) if self.erased_from and self.erased_at else None


@dataclass(frozen=True)
class Unnamed:
    """The number of an event that comes with a user id which nothing in its session came with before."""

    i: int


_gather = query("track/gather", EventFacts)
unnamed = query("track/unnamed", Unnamed)
apply = query("track/apply", Nothing)


def gather(tx: Transaction, rows: Rows) -> list[EventFacts]:
    """Lock the visitors of the sessions that were sent, and return the facts of each event, in the order of `i`.

    A visitor is locked with its survivor, and without the rest of its merge group.

    Raises:
        Overtaken: A session's jar went to another visitor in the meantime.
    """
    gathered = sorted(_gather(tx, rows=rows), key=lambda facts: facts.i)
    if gathered:
        tx.locks.take(Rung.VISITOR, gathered[0].locked_ids)
    own_ids = (facts.own_id for facts in gathered if facts.own_id is not None)
    tx.locks.require(Rung.VISITOR, own_ids, "a session's jar was taken out of its visitor just now")
    return gathered
