"""Check that the service can serve: Neo4j answers, and every constraint exists."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from graph.errors import GraphUnavailable


class Readiness:
    """Runs a check of the database. Calls are refused until it has passed once; probes run it again."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._passed = False
        self._prober = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")
        self._probe: Future[None] | None = None
        self._lock = threading.Lock()

    def require(self) -> None:
        """Run the check unless it has passed once, and raise its error. Neo4j may start after the service."""
        if not self._passed:
            self._check()
            self._passed = True

    def probe(self, seconds: float) -> None:
        """Run the check now and raise its error, or `GraphUnavailable` if it takes longer than `seconds`.

        Only one check runs at a time. If the database hangs, further probes wait for the same check and do not pile up.
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
