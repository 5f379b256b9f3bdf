"""Say whether the service can serve: Neo4j answers, every constraint exists, and a rehearsal has passed."""

import logging
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

from graph.errors import GraphAway, GraphTimeout, GraphUnavailable, IdentityGraphError

logger = logging.getLogger("whograph")

#: How often a process looks whether Neo4j is still there. Neo4j needs several times as long to start again, so no restart
#: is missed.
LOOK_SECONDS = 2.0
#: How long a call waits for a process that is not ready. The last of several processes is ready within this time after the
#: first.
WAIT_SECONDS = 0.5

Progress = Callable[[str], None]


class Readiness:
    """Runs a check of the database, and then a rehearsal. Calls are refused until both have passed.

    Without a rehearsal, the check alone makes a process ready, at the first call or probe after Neo4j came up.
    """

    def __init__(
        self,
        check: Callable[[], None],
        rehearse: Callable[[Progress], None] | None = None,
        silent_seconds: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """Begin without knowing; `silent_seconds` says how long ago Neo4j last finished a transaction of any call."""
        self._check = check
        self._silent_seconds = silent_seconds
        self._rehearse = rehearse
        self._ready = threading.Event()
        self._ready_since = monotonic()
        self._look_now = threading.Event()
        self._has_ended = False
        self._why_not: IdentityGraphError = GraphUnavailable("the service has just been started")
        self._prober = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")
        self._probe: Future[None] | None = None
        self._lock = threading.Lock()

    def require(self) -> None:
        """Raise an error unless the process is ready: that of the check, or `GraphUnavailable` during the rehearsal."""
        if self._ready.is_set():
            return
        if self._rehearse is None:
            self._check()
            self._become_ready()
        elif not self._ready.wait(WAIT_SECONDS):
            raise self._reason()

    def probe(self, seconds: float) -> None:
        """Run the check now and raise its error, or `GraphUnavailable` if it takes longer than `seconds`.

        Before a rehearsal has passed, raise the reason at once: probes must not take Neo4j's time from the rehearsal.

        A Neo4j that finished a call within that time is busy and not away. A replica that became unready under load would
        leave its load to the others.
        """
        if self._rehearse is not None and not self._ready.is_set():
            raise self._reason()
        try:
            self.check(seconds)
        except (GraphUnavailable, GraphTimeout):
            if not self._ready.is_set() or self._silent_seconds() > seconds:
                raise

    def check(self, seconds: float) -> None:
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
        if self._rehearse is None:
            self._become_ready()

    def lose(self) -> None:
        """Note that Neo4j was away. It may have been restarted and know no plan, so the process must rehearse again."""
        if self._rehearse is not None and self._ready.is_set():
            self._why_not = GraphUnavailable("Neo4j was away just now; the service checks it before it goes on")
            self._ready.clear()
            self._look_now.set()

    def has_been_ready_for(self, time: timedelta) -> bool:
        """Whether the process is ready, and has been for this time."""
        return self._ready.is_set() and monotonic() - self._ready_since >= time.total_seconds()

    def keep(self, look: Callable[[], None]) -> None:
        """Begin to make the process ready in a thread beside the service, and again whenever Neo4j was away.

        `look` raises an error if Neo4j is away.
        """
        threading.Thread(target=self._keep, args=(look,), name="readiness", daemon=True).start()

    def end(self) -> None:
        """Let the thread end; whoever closes the database calls this first."""
        self._has_ended = True
        self._look_now.set()

    def _keep(self, look: Callable[[], None]) -> None:
        while not self._has_ended:
            try:
                if self._ready.is_set():
                    self._look_twice(look)
                else:
                    self._prepare()
            except GraphAway as error:
                self.lose()
                self._why_not = error
            except IdentityGraphError as error:
                self._why_not = error
            except Exception as error:
                # The thread must live on, or the process is never ready.
                logger.exception("the check failed")
                self._why_not = GraphUnavailable(f"the check failed: {type(error).__name__}")
            self._look_now.wait(LOOK_SECONDS)
            self._look_now.clear()

    def _look_twice(self, look: Callable[[], None]) -> None:
        """Look whether Neo4j is there. On a busy machine one connection may fail; a restart takes longer than two."""
        try:
            look()
        except GraphAway:
            self._look_now.wait(LOOK_SECONDS / 2)
            look()

    def _prepare(self) -> None:
        self._check()
        if self._rehearse is not None:
            try:
                self._rehearse(self._tell)
            except IdentityGraphError:
                raise
            except Exception:
                # The service can serve without: only its first calls are slow.
                logger.exception("the rehearsal failed")
        self._become_ready()

    def _reason(self) -> IdentityGraphError:
        # It is raised again and again, and would keep the frames of each time.
        return self._why_not.with_traceback(None)

    def _tell(self, what: str) -> None:
        self._why_not = GraphUnavailable(what)

    def _become_ready(self) -> None:
        if not self._ready.is_set():
            self._ready_since = monotonic()
            self._ready.set()
