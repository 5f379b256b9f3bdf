"""Rehearse what calls do before the service serves, since Neo4j plans each query when it first sees it.

Planning all queries takes a cold Neo4j 10 s and more. Without the rehearsal the first callers waited for it: `init` took
8 s on an idle machine, and a login on a busy one ended in a timeout. Of 100 simultaneous logins, each waited for the same
plan.
"""

import fcntl
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import uuid6

from app.readiness import Progress
from graph import plans
from graph.acts import identify, init, track
from graph.acts.arrival import Arrival
from graph.database import Database
from graph.errors import GraphAway, IdentityGraphError
from graph.model import Fingerprint, Message, Method, NewIds, Observed, Page
from graph.rules.policy import Policy
from graph.store import migrations, users
from graph.transaction import Locks, Transaction

logger = logging.getLogger("whograph")

#: Cannot be a real tenant, since a tenant's id has no space.
TENANT = "a rehearsal"
#: For one transaction of the rehearsal. A busy machine takes long over the plans; those that were made are kept, should it
#: take longer.
SECONDS = 300.0

#: How long after the rehearsal the rare queries are planned, so that the first callers have Neo4j to themselves.
RARE_AFTER_SECONDS = 10.0
#: How long to rest after each of them, by the time that its planning took.
RESTS = 3.0

#: How often the graph's size is looked at, in nodes, and by which factor it has to grow for its plans to be made anew.
LOOK_SECONDS = 10.0
GROWTH = 4
#: A smaller graph is served well by the plans of an empty one.
SIZE_MIN = 1_000

#: Called after each query that was planned, with its name.
Done = Callable[[str], None]
#: Plans one query, by its name.
Make = Callable[[Transaction, str], None]


class _Enough(Exception):  # noqa: N818 - it ends a transaction that was opened for its plans only
    """Ends a transaction of the rehearsal, so that all of it is rolled back."""


def alone(database: Database, run_dir: Path) -> Callable[[Progress], None]:
    """Return the rehearsal, of which only one runs on this machine at a time.

    A process that had to wait while another one rehearsed need not do it again: the plans are Neo4j's. So all workers are
    ready at the same moment. The one that rehearsed keeps the plans afterwards.
    """
    rehearsals = itertools.count(1)
    latest = 0

    def rehearse_alone(tell: Progress) -> None:
        nonlocal latest
        latest = number = next(rehearsals)
        began = time.monotonic()
        tell("another process of this machine plans the queries")
        with _locked(run_dir / "rehearsal.lock") as last:
            # The clock is the same in all processes of a machine. A time that has not come was written before a restart.
            if began <= float(last.read() or "-inf") <= time.monotonic():
                return
            size = database.of(TENANT).read(migrations.size)
            rehearse(database, tell)
            last.seek(0)
            last.truncate()
            last.write(str(time.monotonic()))
        later = threading.Timer(RARE_AFTER_SECONDS, keep_plans, [database, size, lambda: latest == number])
        later.daemon = True
        later.start()

    return rehearse_alone


def rehearse(database: Database, tell: Progress = lambda _: None) -> None:
    """Plan all queries but the rare ones, and run the acts of two visits and a login, in transactions that are rolled back.

    The rehearsal leaves nothing in the graph, and waits for no other transaction.
    """
    graph = database.of(TENANT)
    before, after = _queries(rare=False)
    total, count = len(before) + len(after), itertools.count(1)

    def done(_name: str) -> None:
        tell(f"planning queries: {next(count)} of {total}")

    _rolled_back(graph, migrations.create_names)
    # Two at a time: a query that was planned on one connection need not be on the other.
    planned = _begin(_rolled_back, graph, _plan, plans.make, before, False, done)
    _rolled_back(graph, _plan, plans.make, after, True, done)
    planned.result()
    tell("rehearsing the acts")
    _rolled_back(graph, _act)


def _begin(act: Callable[..., None], *args: Any) -> Future[None]:
    """Begin an act in a thread, for which a process that ends does not wait."""
    future = Future[None]()

    def run() -> None:
        try:
            act(*args)
            future.set_result(None)
        except BaseException as error:  # noqa: BLE001 - the future raises it
            future.set_exception(error)

    threading.Thread(target=run, name="planning", daemon=True).start()
    return future


def keep_plans(database: Database, planned: int, is_latest: Callable[[], bool]) -> None:
    """Plan the rare queries, and then all queries anew whenever the graph has grown, so that no caller has to.

    Neo4j plans a query anew by itself, while its caller waits, if the counts have changed since it was planned. The server
    that we start does so an hour later at the earliest; on a busy machine logins in a graph of a minute took 3 s.

    It ends when there was another rehearsal, or Neo4j is away, after which there is one.

    Args:
        database: The database.
        planned: How many nodes it had when its queries were planned.
        is_latest: Whether there was no other rehearsal since.
    """
    graph = database.of(TENANT)
    try:
        _plan_each(graph, plans.make, *_queries(rare=True))
        while is_latest():
            planned = _plan_if_grown(graph, planned)
            time.sleep(LOOK_SECONDS)
    except Exception as error:  # noqa: BLE001 - nothing depends on it
        logger.info("plans are left to callers: %s", type(error).__name__)


def _plan_if_grown(graph: Database, planned: int) -> int:
    """Plan all queries anew if the graph has grown since, and return how many nodes it had at the last planning."""
    try:
        size = graph.read(migrations.size)
        if size < max(SIZE_MIN, planned * GROWTH):
            return planned
        _plan_each(graph, plans.make_anew, plans.before_writes(), plans.after_writes())
    except GraphAway:
        raise
    except IdentityGraphError as error:
        # All connections are in use, or it took too long. The next look may do.
        logger.info("plans are not made anew yet: %s", type(error).__name__)
        return planned
    return size


def _plan_each(graph: Database, make: Make, before: Sequence[str], after: Sequence[str]) -> None:
    """Plan queries, each in a transaction of its own, with rests between them, those of the explorer first."""
    queries = [*((name, False) for name in before), *((name, True) for name in after)]
    for name, after_write in sorted(queries, key=lambda query: plans.turn(query[0])):
        began = time.monotonic()
        _rolled_back(graph, _plan, make, [name], after_write)
        time.sleep((time.monotonic() - began) * RESTS)


def _plan(tx: Transaction, make: Make, names: Iterable[str], after_write: bool, done: Done = lambda _: None) -> None:  # noqa: FBT001
    """Plan queries as a transaction needs them that has written, or has not."""
    if after_write:
        new = str(uuid6.uuid7())
        users.lock(tx, [(new, new)], datetime.now(UTC))
    for name in names:
        make(tx, name)
        done(name)


def _queries(*, rare: bool) -> tuple[list[str], list[str]]:
    """Return the rare queries or the others: those that come before a write, and those that come after one."""
    return (
        [name for name in plans.before_writes() if plans.is_rare(name, after_write=False) is rare],
        [name for name in plans.after_writes() if plans.is_rare(name, after_write=True) is rare],
    )


def _rolled_back(graph: Database, act: Callable[..., None], *args: Any) -> None:
    def and_no_more(tx: Transaction) -> None:
        act(tx, *args)
        raise _Enough

    with suppress(_Enough):
        graph.write_within(SECONDS, and_no_more)


@contextmanager
def _locked(file: Path) -> Iterator[TextIO]:
    """Hold a lock that ends with the process, even if it is killed, and give what was written under it before."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a+", encoding="ascii") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.seek(0)
        yield opened


def _act(tx: Transaction) -> None:
    """Run the acts of two visits and a login, each with locks of its own, as in separate transactions.

    They lock only new nodes, so they wait for nobody.
    """
    at = datetime.now(UTC)
    visits = [_visit(at, fingerprint) for fingerprint in ("one", "another")]
    for visit in visits:
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
