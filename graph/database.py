"""The one connection to Neo4j: managed transactions in, our own errors out."""

import contextlib
from collections.abc import Callable, Iterator
from copy import copy
from typing import Concatenate, ParamSpec, Self, TypeVar

from neo4j import GraphDatabase, ManagedTransaction, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConnectionPoolError,
    ConstraintError,
    Neo4jError,
    ResultFailedError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.errors import GraphTimeout, GraphUnavailable, Overtaken
from graph.transaction import Transaction

P = ParamSpec("P")
T = TypeVar("T")

#: Twins of one request meet at a uniqueness constraint, and the loser runs again and finds what the winner left. So
#: does one that lost a deadlock more often than the driver's own retries allow: a node that gets its 50th relationship
#: locks all its neighbours once, whatever order we keep
#: (https://neo4j.com/docs/operations-manual/current/database-internals/locks-deadlocks/).
RACE_TRIES = 4
DEADLOCK = "Neo.TransientError.Transaction.DeadlockDetected"
#: A server that is gone is said to be gone in under 3 s: the waits between tries double up to about this.
RETRY_SECONDS = 1.0
#: A queue on one hot user or visitor is waited for; a client that gave up sends the same message id again.
TRANSACTION_SECONDS = 20.0
TIMED_OUT = frozenset(
    {
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
        "Neo.ClientError.Transaction.LockAcquisitionTimeout",
        "Neo.TransientError.Transaction.LockAcquisitionTimeout",
        # What ran out of its time while it waited for a lock.
        "Neo.ClientError.Transaction.LockClientStopped",
        "Neo.TransientError.Transaction.LockClientStopped",
    }
)


class Database:
    """A Neo4j database in which acts run; safe to share between threads, not across a fork."""

    def __init__(self, uri: str, user: str, password: str, database: str | None = None) -> None:
        self._name = database
        self._tenant: str | None = None
        self._driver = GraphDatabase.driver(
            uri,
            auth=(user, password),
            # A frozen server is said to be gone in under 12 s: 8 until its keep-alive is missed (our server's settings),
            # then one try at a new connection. Without them a request was seen to hang for 120 s.
            connection_timeout=2.0,
            connection_acquisition_timeout=2.5,
            max_transaction_retry_time=RETRY_SECONDS,
            # The driver waits a second before a deadlock's first retry unless told otherwise.
            initial_retry_delay=0.05,
            liveness_check_timeout=30.0,
            max_connection_lifetime=600.0,
            telemetry_disabled=True,
            warn_notification_severity="OFF",
            notifications_min_severity="OFF",
        )

    @classmethod
    def connect(cls, uri: str, user: str, password: str, database: str | None = None) -> "Database":
        """Make a database to run acts in; nothing is contacted before the first act."""
        return cls(uri, user, password, database)

    def of(self, tenant: str) -> Self:
        """The same database for acts in one tenant's graph: their queries find nothing of another."""
        bound = copy(self)
        bound._tenant = tenant  # noqa: SLF001 - of this very class
        return bound

    def write(self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an act in one transaction and commit it; the act may run again, so it has no effect but through `tx`.

        Raises `GraphUnavailable` or `GraphTimeout` where Neo4j fails, and whatever the act itself raises, rolled back.
        """
        return self.write_within(TRANSACTION_SECONDS, act, *args, **kwargs)

    def write_within(
        self, seconds: float, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`write` for an act that may take longer, in seconds, than a request may."""
        work = unit_of_work(timeout=seconds)(lambda bolt: act(Transaction(bolt, self._tenant), *args, **kwargs))
        with _our_errors():
            for _ in range(RACE_TRIES - 1):
                try:
                    return self._execute_write(work)
                except (ConstraintError, Overtaken):
                    continue
                except TransientError as error:
                    if error.code != DEADLOCK:
                        raise
            return self._execute_write(work)

    def read(self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an act that only reads, on any member of a cluster; errors as for `write`."""
        return self.read_within(TRANSACTION_SECONDS, act, *args, **kwargs)

    def read_within(
        self, seconds: float, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`read` for an act that may take longer, in seconds, than a request may."""
        work = unit_of_work(timeout=seconds)(lambda bolt: act(Transaction(bolt, self._tenant), *args, **kwargs))
        with _our_errors(), self._driver.session(database=self._name) as session, _what_the_server_said():
            return session.execute_read(work)

    def _execute_write(self, work: Callable[[ManagedTransaction], T]) -> T:
        with self._driver.session(database=self._name) as session, _what_the_server_said():
            return session.execute_write(work)

    def autocommit(self, text: str) -> None:
        """Run one schema command outside a managed transaction and wait for it; migrations only."""
        with _our_errors(), self._driver.session(database=self._name) as session:
            session.run(text).consume()

    def verify(self) -> None:
        """Ask the server for a sign of life; raises `GraphUnavailable`."""
        with _our_errors():
            self._driver.verify_connectivity()

    def close(self) -> None:
        self._driver.close()


@contextlib.contextmanager
def _what_the_server_said() -> Iterator[None]:
    """Rolling back, the driver may read the failed result again, and this hides why it failed."""
    try:
        yield
    except ResultFailedError as error:
        raise (error.__cause__ or error) from None


@contextlib.contextmanager
def _our_errors() -> Iterator[None]:
    """Driver errors become ours here and nowhere else."""
    try:
        yield
    except AuthError as error:
        raise GraphUnavailable("Neo4j refused the user name or password (NEO4J_USER, NEO4J_PASSWORD)") from error
    except (ClientError, TransientError) as error:
        if error.code in TIMED_OUT:
            raise GraphTimeout("Neo4j took longer over the transaction than it is given") from error
        if isinstance(error, TransientError):
            raise GraphUnavailable("Neo4j could not finish the transaction just now") from error
        raise
    except (ServiceUnavailable, SessionExpired, ConnectionPoolError) as error:
        raise GraphUnavailable("Neo4j does not answer") from error
    except Neo4jError as error:
        if error.is_retryable():
            raise GraphUnavailable("Neo4j could not finish the transaction just now") from error
        raise
