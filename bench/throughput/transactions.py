"""Run bare transactions of the driver beside the service, to compare with: one that creates a node, and one that seeks."""

import threading
import time
from collections.abc import Callable

import neo4j

from bench.throughput.load import Load

CREATE = "CREATE (:Bare {number: $number})"
SEEK = "MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor}) RETURN visitor.visitor_id"
FORGET = "MATCH (bare:Bare) CALL (bare) { DELETE bare } IN TRANSACTIONS OF 1000 ROWS"


def create(driver: neo4j.Driver) -> None:
    """Create a node in a transaction of its own."""
    with driver.session() as session:
        session.execute_write(lambda tx: tx.run(CREATE, number=time.monotonic_ns()).consume())


def seek(driver: neo4j.Driver, tenant: str, visitor: str) -> None:
    """Find a node by its key in a transaction of its own."""
    with driver.session() as session:
        found = session.execute_read(lambda tx: tx.run(SEEK, tenant=tenant, visitor=visitor).value())
    if found != [visitor]:
        raise RuntimeError(f"{visitor} was not found")


def forget(driver: neo4j.Driver) -> None:
    """Delete the nodes that were created."""
    with driver.session() as session:
        session.run(FORGET).consume()


def run(transaction: Callable[[], None], threads: int, seconds: float) -> Load:
    """Run a transaction in some threads for some seconds, in each again and again."""
    latencies: list[float] = []
    failures: list[BaseException] = []
    started = time.perf_counter()

    def repeat() -> None:
        try:
            while (before := time.perf_counter()) < started + seconds:
                transaction()
                latencies.append(time.perf_counter() - before)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            failures.append(error)

    workers = [threading.Thread(target=repeat) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return Load([latencies], time.perf_counter() - started)
