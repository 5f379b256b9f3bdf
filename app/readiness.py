"""Whether the graph behind the service can be served from: it answers, and its constraints are there."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from graph.errors import GraphUnavailable


class Readiness:
    """Runs a check of the database: until it has passed once nothing is served, and it says whether it passes now."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._passed = False
        self._prober = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")
        self._probe: Future[None] | None = None
        self._lock = threading.Lock()

    def require(self) -> None:
        """Raise what the check raises, until it has passed once: Neo4j may come up after the service does."""
        if not self._passed:
            self._check()
            self._passed = True

    def probe(self, seconds: float) -> None:
        """Raise what the check raises now, or `GraphUnavailable` if it takes longer than so many seconds.

        One check runs at a time: probes of a database that hangs wait for the same one and do not pile up.
        """
        with self._lock:
            if self._probe is None or self._probe.done():
                self._probe = self._prober.submit(self._check)
            running = self._probe
        try:
            running.result(seconds)
        except TimeoutError:
            raise GraphUnavailable(f"Neo4j did not answer within {seconds:g} s") from None
        self._passed = True
