"""Run acts in managed transactions of Neo4j, and turn the driver's errors into our own."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Self, TypeVar

from neo4j import GraphDatabase, ManagedTransaction, Query, Session, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ConnectionPoolError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ResultFailedError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.errors import GraphAway, GraphFailed, GraphTimeout, GraphUnavailable, Overtaken
from graph.transaction import Transaction

P = ParamSpec("P")
T = TypeVar("T")

#: How often an act is tried that lost a race. Two copies of one request meet at a uniqueness constraint; the loser runs
#: again and finds the winner's nodes.
RACE_TRIES = 4
#: For how long an act is tried again that loses deadlocks. Lock order does not prevent all deadlocks: a node that gets its
#: 50th relationship locks all its neighbours once
#: (https://neo4j.com/docs/operations-manual/current/database-internals/locks-deadlocks/).
DEADLOCK_SECONDS = 4.0
DEADLOCK = "Neo.TransientError.Transaction.DeadlockDetected"
#: For how long an act is tried again that did not reach the server. So an unreachable server is reported in under 3 s.
RETRY_SECONDS = 1.0
#: The rest before an act is tried again: the first one, which each failure doubles, and the longest.
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 0.02, 0.5
#: How long all tries of an act take together, unless its caller says otherwise: long enough to wait in the queue for a
#: user or visitor with many writers.
TRANSACTION_SECONDS = 20.0
#: The act waited for the lock of a node, which an erasure then removed. The act runs again, and does not find the node.
REMOVED = "Neo.ClientError.Statement.EntityNotFound"
TIMED_OUT = frozenset(
    {
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
        "Neo.ClientError.Transaction.LockAcquisitionTimeout",
        "Neo.TransientError.Transaction.LockAcquisitionTimeout",
        # The transaction timed out while it waited for a lock.
        "Neo.ClientError.Transaction.LockClientStopped",
        "Neo.TransientError.Transaction.LockClientStopped",
    }
)

#: Not the module's own generator, whose state others of the process may have set for something to repeat: Hypothesis does.
_CHANCE = random.SystemRandom()

#: Called with the reason of each failed try of a writing act, as `whograph_graph_failed_tries_total` counts them.
observe_failure: Callable[[str], None] = lambda _reason: None  # noqa: E731 - a hook with a default


@dataclass
class _Heard:
    """When Neo4j last finished a transaction, as monotonic time. All copies of a database share it."""

    at: float


class Database:
    """A Neo4j database in which acts run; can be shared between threads, but not across a fork."""

    def __init__(self, uri: str, user: str, password: str, database: str | None = None) -> None:
        self._name = database
        self._tenant: str | None = None
        #: How long all tries of an act take together.
        self.seconds = TRANSACTION_SECONDS
        self._heard = _Heard(time.monotonic())
        #: Called whenever Neo4j did not answer an act, even after the driver's retries. All copies share the list.
        self.when_away: list[Callable[[], None]] = []
        self._driver = GraphDatabase.driver(
            uri,
            auth=(user, password),
            # A frozen server is reported in under 12 s: 8 s until the server's keep-alive is missed (our server's
            # settings), then one attempt at a new connection. Without these settings a request hung for 120 s.
            connection_timeout=2.0,
            connection_acquisition_timeout=2.5,
            # The driver's own retries know no deadline: each would get the time of the first try once more.
            max_transaction_retry_time=0,
            liveness_check_timeout=30.0,
            max_connection_lifetime=600.0,
            telemetry_disabled=True,
            warn_notification_severity="OFF",
            notifications_min_severity="OFF",
        )

    @classmethod
    def connect(cls, uri: str, user: str, password: str, database: str | None = None) -> "Database":
        """Create a database for acts; the first act opens the first connection."""
        return cls(uri, user, password, database)

    def of(self, tenant: str) -> Self:
        """Return this database for acts in one tenant's graph, whose queries find no other tenant's nodes."""
        bound = copy(self)
        bound._tenant = tenant  # noqa: SLF001 - of this very class
        return bound

    def within(self, seconds: float) -> Self:
        """Return this database for acts that take up to `seconds`, in all their tries."""
        bound = copy(self)
        bound.seconds = seconds
        return bound

    def write(self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an act in one transaction and commit it.

        The act may run several times, so it must have no effect except through `tx`. All its tries have one deadline.

        Raises:
            GraphUnavailable: Neo4j does not answer, or could not finish the transaction (`GraphFailed`, if it failed by
                itself).
            GraphTimeout: The transaction took too long.
            Exception: Whatever the act raises; its transaction is rolled back.
        """
        return self.write_within(self.seconds, act, *args, **kwargs)

    def write_within(
        self, seconds: float, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`write`, for an act that may take up to `seconds` in all its tries."""

        def work(bolt: ManagedTransaction) -> T:
            return _counted(act, Transaction(bolt, self._tenant), *args, **kwargs)

        return self._try(seconds, lambda session, limited: session.execute_write(limited), work)

    def read(self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an act that only reads, on any member of a cluster; raises what `write` raises."""
        return self.read_within(self.seconds, act, *args, **kwargs)

    def read_within(
        self, seconds: float, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`read`, for an act that may take up to `seconds` in all its tries."""

        def work(bolt: ManagedTransaction) -> T:
            return act(Transaction(bolt, self._tenant), *args, **kwargs)

        return self._try(seconds, lambda session, limited: session.execute_read(limited), work)

    def _try(
        self,
        seconds: float,
        execute: Callable[[Session, Callable[[ManagedTransaction], T]], T],
        work: Callable[[ManagedTransaction], T],
    ) -> T:
        """Execute work until it is done, cannot be done, or the seconds are over; a later try gets what they left."""
        with self._our_errors():
            began = time.monotonic()
            failures: Counter[str] = Counter()
            since: dict[str, float] = {}
            while True:
                left = began + seconds - time.monotonic()
                if left <= 0:
                    raise GraphTimeout("there is no time left for a transaction")
                try:
                    with (
                        self._driver.session(database=self._name) as session,
                        _what_the_server_said(),
                        _begin_with_the_first_statement(session),
                    ):
                        return execute(session, unit_of_work(timeout=left)(work))
                except (DriverError, Neo4jError, Overtaken) as error:
                    now = time.monotonic()
                    kind = _kind(error)
                    failures[kind] += 1
                    rest = _rest(failures.total())
                    lasts = now - since.setdefault(kind, now)
                    if now + rest >= began + seconds or not _may_run_again(kind, failures[kind], lasts):
                        raise
                time.sleep(rest)

    def autocommit(self, text: str) -> None:
        """Run one schema command outside a managed transaction, and wait for it; only for migrations."""
        # A server's own limit for transactions would end a migration of a large graph. 0 stands for no limit.
        try:
            with self._our_errors(), self._driver.session(database=self._name) as session:
                session.run(Query(text, timeout=0)).consume()
        except GraphFailed as error:
            # Whoever migrates reads the answer at once, and no caller does.
            raise GraphFailed(f"Neo4j refused a statement: {error.__cause__}") from error.__cause__

    def silent_seconds(self) -> float:
        """Return how long ago Neo4j last finished a transaction of this process, or the process connected."""
        return time.monotonic() - self._heard.at

    def verify(self) -> None:
        """Raise `GraphUnavailable` if the server does not answer; nobody of `when_away` is told."""
        with _our_errors():
            self._driver.verify_connectivity()

    def server_version(self) -> str:
        """Return the version of the Neo4j that answers, such as `2026.08.1`; raises `GraphUnavailable` if none does."""
        with _our_errors():
            return str(self._driver.get_server_info().agent).removeprefix("Neo4j/")

    def close(self) -> None:
        self._driver.close()

    @contextlib.contextmanager
    def _our_errors(self) -> Iterator[None]:
        """Turn the driver's errors into ours, and tell who wants to know that Neo4j is away."""
        try:
            with _our_errors():
                yield
            self._heard.at = time.monotonic()
        except GraphAway:
            for tell in self.when_away:
                tell()
            raise


def _begin_with_the_first_statement(session: Session) -> contextlib.AbstractContextManager[object]:
    """Make the driver send BEGIN together with the first statement, which saves a round trip.

    The driver does this in `execute_query`, which runs only one statement. Its switch is private, so a driver without it
    sends BEGIN by itself.
    """
    switch: contextlib.AbstractContextManager[object] = getattr(session, "_pipelined_begin", contextlib.nullcontext())
    return switch


def _kind(error: DriverError | Neo4jError | Overtaken) -> str:
    """Return the kind of a failed try: a lost `race`, a `deadlock`, `away` for what may go well soon, or `final`."""
    if isinstance(error, ConstraintError | Overtaken):
        return "race"
    if isinstance(error, Neo4jError) and error.code in {REMOVED, DEADLOCK, *TIMED_OUT}:
        return {REMOVED: "race", DEADLOCK: "deadlock"}.get(str(error.code), "final")
    return "away" if error.is_retryable() else "final"


def _may_run_again(kind: str, failures: int, seconds: float) -> bool:
    """Whether an act may go well when it is run again, having failed so often, and for so long, in this way."""
    if kind == "race":
        return failures < RACE_TRIES
    return seconds < {"deadlock": DEADLOCK_SECONDS, "away": RETRY_SECONDS}.get(kind, 0.0)


def _rest(failures: int) -> float:
    """Return how long an act rests after so many failures, in seconds: two that met do not meet again at once."""
    longest = min(FIRST_REST_SECONDS * 2**failures, LONGEST_REST_SECONDS)
    return _CHANCE.uniform(longest / 2, longest)


def _counted(act: Callable[Concatenate[Transaction, P], T], tx: Transaction, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an act, and report a failure after which it is run again."""
    try:
        return act(tx, *args, **kwargs)
    except Overtaken:
        observe_failure("overtaken")
        raise
    except ConstraintError:
        observe_failure("constraint")
        raise
    except TransientError as error:
        observe_failure("deadlock" if error.code == DEADLOCK else "transient")
        raise


@contextlib.contextmanager
def _what_the_server_said() -> Iterator[None]:
    """Restore the original error: the driver may read a failed result again while rolling back, which hides it."""
    try:
        yield
    except ResultFailedError as error:
        raise (error.__cause__ or error) from None


@contextlib.contextmanager
def _our_errors() -> Iterator[None]:
    """Turn the driver's errors into ours; no other code does."""
    try:
        yield
    except AuthError as error:
        raise GraphUnavailable("Neo4j refused the user name or password (NEO4J_USER, NEO4J_PASSWORD)") from error
    except (ServiceUnavailable, SessionExpired) as error:
        raise GraphAway("Neo4j does not answer") from error
    except ConnectionPoolError as error:
        raise GraphUnavailable("Neo4j does not answer") from error
    except Neo4jError as error:
        if error.code in TIMED_OUT:
            raise GraphTimeout("Neo4j took longer over the transaction than it is given") from error
        if isinstance(error, TransientError | ConstraintError) or error.is_retryable():
            raise GraphUnavailable("Neo4j could not finish the transaction just now") from error
        raise GraphFailed("Neo4j failed; its logs and the service's say why") from error
    except DriverError as error:
        raise GraphFailed("the connection to Neo4j failed; the logs say why") from error
