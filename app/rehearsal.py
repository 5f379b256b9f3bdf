"""Rehearse the acts as a worker starts: a Neo4j that has just started plans each query when it first sees it.

Without it the first `init` waited for 1 to 12 s and, of 100 logins at once, each for the plan that all of them asked for.
"""

import threading
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime

import uuid6

from app.services import identify, init, journeys, track
from graph.database import Database, Transaction
from graph.errors import IdentityGraphError
from graph.model import Fingerprint, Message, Method, NewIds, Observed, Page
from graph.rules.policy import Policy
from graph.rules.probable import Bound

#: No tenant: a tenant's id has no space in it.
TENANT = "a rehearsal"
SECONDS = 60.0


class _Enough(Exception):  # noqa: N818 - it ends the transaction that was opened for its plans only
    """Rolls everything back."""


def begin(database: Database) -> threading.Thread:
    """Rehearse beside whatever is served meanwhile; what cannot be rehearsed is planned when it is asked for."""
    thread = threading.Thread(target=rehearse, args=(database,), name="rehearsal", daemon=True)
    thread.start()
    return thread


def rehearse(database: Database) -> None:
    """Run the acts of two visits and a login in a transaction that is rolled back: it leaves nothing, and waits for nobody."""
    with suppress(_Enough, IdentityGraphError):
        database.write_within(SECONDS, _act)


def _act(tx: Transaction) -> None:
    at = datetime.now(UTC)
    visits = [_visit(at, fingerprint) for fingerprint in ("one", "another")]
    for visit in visits:
        init.act(tx, [visit])
    session, ids = visits[0].ids.session, _ids()
    event = track.Track(
        tenant=TENANT,
        message=Message(ids.change, "track", session, ""),
        session_id=session,
        event_id=ids.event,
        name="rehearsal",
        properties="{}",
        at=at,
        received_at=at,
        observed=visits[0].observed,
        page=Page(),
        trusted=True,
        policy=visits[0].policy,
    )
    track.act(tx, [event])
    ids = _ids()
    identify.act(
        tx,
        identify.Identify(
            tenant=TENANT,
            message=Message(ids.change, "identify", session, ""),
            session_id=session,
            user_id="rehearsal",
            verified=False,
            properties="{}",
            at=at,
            received_at=at,
            observed=visits[0].observed,
            page=Page(),
            trusted=True,
            policy=visits[0].policy,
            ids=ids,
        ),
    )
    asked = journeys.Asked(
        tenant=TENANT,
        subject="rehearsal",
        after=(journeys.BEGINNING, ""),
        until=journeys.END,
        bound=Bound.of(visits[0].policy, at),
        limit=10,
    )
    journeys.of_user(tx, asked)
    journeys.of_visitor(tx, replace(asked, subject=visits[0].ids.visitor))
    raise _Enough


def _visit(at: datetime, fingerprint: str) -> init.Init:
    ids = _ids()
    return init.Init(
        tenant=TENANT,
        message=Message(ids.change, "init", None, ""),
        at=at,
        received_at=at,
        jar_id=f"jar_{uuid6.uuid7()}",
        jar_kind="issued",
        jar_method=Method.NEW,
        fingerprint=Fingerprint(f"{fingerprint} {ids.visitor}", 0.5, "{}"),
        observed=Observed("203.0.113.1", True, "Chrome", "1", "Linux", "desktop"),
        page=Page(),
        user_id=None,
        reset=False,
        consent=True,
        trusted=True,
        policy=Policy(),
        ids=ids,
    )


def _ids() -> NewIds:
    return NewIds(**{field.name: f"{field.name}_{uuid6.uuid7()}" for field in fields(NewIds)})
