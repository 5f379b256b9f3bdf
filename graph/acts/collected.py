"""Count user ids that come with visits and events: evidence of who uses a browser, but no claim."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.acts import audit, relationships, tombstones
from graph.acts.arrival import Arrival
from graph.model import Change
from graph.rules.relationships import Source
from graph.store import users
from graph.transaction import Transaction


@dataclass(frozen=True)
class Collected:
    """A user id that came with a call on a visitor."""

    arrival: Arrival
    call: str
    user_id: str
    visitor_id: str


def lock_users(tx: Transaction, came: Sequence[tuple[str, Arrival]]) -> None:
    """Lock the users whose ids came with calls, and create those who do not exist.

    Raises:
        Overtaken: A user was erased in the meantime.
    """
    if not came:
        return
    earliest = dict(sorted(came, key=lambda each: each[1].at, reverse=True))
    rows = [(user_id, arrival.ids.user, arrival.at) for user_id, arrival in earliest.items()]
    locked = users.lock_each(tx, rows)
    newer = {user_id: at for user_id, _, at in rows if at <= locked[user_id].created_at}
    tombstones.look_again(tx, newer, came[0][1].hashing)


def count(tx: Transaction, collected: Sequence[Collected]) -> list[audit.Trace | None]:
    """Count user ids in the relationships with their visitors, and return the trace of each, to be recorded.

    The result is None if a cannot-link separates the user from the visitor: then the id is refused. Visitors and users must
    be locked.

    Raises:
        Overtaken: A visitor was merged into another one in the meantime.
    """
    counted = relationships.associate(tx, [_association(each) for each in collected])
    return [None if result is None else _trace(each, result) for each, result in zip(collected, counted, strict=True)]


def _association(collected: Collected) -> relationships.Association:
    arrival = collected.arrival
    return relationships.Association(
        collected.user_id, collected.visitor_id, Source.COLLECTED, arrival.at, arrival.policy
    )


def _trace(collected: Collected, counted: relationships.Counted) -> audit.Trace:
    arrival = collected.arrival
    pair = (collected.user_id, collected.visitor_id)
    return audit.Trace(
        Change(f"{arrival.ids.change}_user", arrival.received_at, arrival.actor),
        subjects=(f"user:{collected.user_id}", f"visitor:{collected.visitor_id}"),
        act=collected.call,
        before=audit.relationship(*pair, counted.before),
        after=audit.relationship(*pair, counted.after),
    )
