"""Rehearse the acts when a worker starts, since a new Neo4j plans each query when it first sees it.

Without the rehearsal the first `init` waited for 1 to 12 s. Of 100 simultaneous logins, each waited for the same plan.
"""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import uuid6

from graph.acts import identify, init, journeys, track
from graph.acts.arrival import Arrival
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.model import Fingerprint, Message, Method, NewIds, Observed, Page
from graph.rules import times
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.transaction import Locks, Transaction

#: Cannot be a real tenant, since a tenant's id has no space.
TENANT = "a rehearsal"
SECONDS = 60.0


class _Enough(Exception):  # noqa: N818 - it ends the transaction that was opened for its plans only
    """Ends the rehearsal's transaction, so that all of it is rolled back."""


def begin(database: Database) -> threading.Thread:
    """Rehearse in a thread beside the service. A query that could not be rehearsed is planned at its first use."""
    thread = threading.Thread(target=rehearse, args=(database,), name="rehearsal", daemon=True)
    thread.start()
    return thread


def rehearse(database: Database, seconds: float = SECONDS) -> None:
    """Run the acts of two visits and a login in a transaction that is rolled back.

    The rehearsal leaves nothing in the graph, and waits for no other transaction.
    """
    with suppress(_Enough, IdentityGraphError):
        database.of(TENANT).write_within(seconds, _act)


def _act(tx: Transaction) -> None:
    at = datetime.now(UTC)
    visits = [_visit(at, fingerprint) for fingerprint in ("one", "another")]
    for visit in visits:
        # Each act gets locks of its own, as in separate transactions. It locks only new nodes, so it waits for nobody.
        init.act(replace(tx, locks=Locks()), [visit])
    # No user is known on the first visit's tenure yet, so the login on the second visit is carried on to it.
    arrival, event, login = visits[-1].arrival, _ids(), _ids()
    session_id = arrival.ids.session
    message = Message(event.change, "track", session_id, "")
    track.act(
        replace(tx, locks=Locks()),
        [track.Track(replace(arrival, ids=event), message, session_id, event.event, "rehearsal", "{}")],
    )
    message = Message(login.change, "identify", session_id, "")
    identify.act(
        replace(tx, locks=Locks()),
        [
            identify.Identify(
                replace(arrival, ids=login), message, session_id, "rehearsal", verified=False, properties="{}"
            )
        ],
    )
    asked = journeys.Asked(
        subject="rehearsal",
        after=(times.BEGINNING, ""),
        until=times.END,
        bound=Bound.of(arrival.policy, at),
        limit=10,
    )
    journeys.of_user(tx, asked)
    journeys.of_visitor(tx, replace(asked, subject=arrival.ids.visitor))
    raise _Enough


def _visit(at: datetime, fingerprint: str) -> init.Init:
    ids = _ids()
    return init.Init(
        arrival=Arrival(
            at=at,
            received_at=at,
            observed=Observed("203.0.113.1", True, "Chrome", "1", "Linux", "desktop"),
            page=Page(),
            trusted=True,
            actor="job:rehearsal",
            policy=Policy(),
            ids=ids,
        ),
        message=Message(ids.change, "init", None, ""),
        jar_id=f"jar_{uuid6.uuid7()}",
        jar_kind="issued",
        jar_method=Method.NEW,
        fingerprint=Fingerprint(f"{fingerprint} {ids.visitor}", 0.5, "{}"),
        user_id=None,
        reset=False,
        consent=True,
    )


def _ids() -> NewIds:
    return NewIds(lambda: str(uuid6.uuid7()))
