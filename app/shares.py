"""Share a worker's threads among callers, so that one who has much to do leaves room for others."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Whose = Literal["address", "key"]
#: The largest share of a worker's threads for one address and for one key. A quarter of 64 threads is enough for all calls
#: that an address may make (`RATE_LIMIT_PER_ADDRESS`). A key is that of all pages of a tenant.
SHARES: Mapping[Whose, float] = {"address": 0.25, "key": 0.75}


#: Who makes a call: the address that it comes from, the key that it shows, or both. Plain tuples, since each call has some.
Callers = tuple[tuple[Whose, str], ...]


class Shares(Generic[T]):
    """Calls that wait for a thread, in the order in which they came; for use by one thread.

    A caller that has its share waits, and later calls of others pass.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._shares = {whose: max(1, int(threads * share)) for whose, share in SHARES.items()}
        self._running = 0
        self._running_of: dict[tuple[Whose, str], int] = {}
        self._waiting: deque[tuple[T, Callers]] = deque()

    def add(self, call: T, callers: Callers) -> None:
        """Let a call wait for a thread."""
        self._waiting.append((call, callers))

    def end(self, callers: Callers) -> None:
        """Note that a call has ended."""
        self._running -= 1
        running_of = self._running_of
        for caller in callers:
            left = running_of[caller] - 1
            if left:
                running_of[caller] = left
            else:
                del running_of[caller]

    def take(self) -> Sequence[T]:
        """Return the calls that get a thread now."""
        waiting, running_of = self._waiting, self._running_of
        taken: list[T] = []
        passed: list[tuple[T, Callers]] = []
        while waiting and self._running < self._threads:
            call, callers = waiting.popleft()
            for caller in callers:
                if running_of.get(caller, 0) >= self._shares[caller[0]]:
                    passed.append((call, callers))
                    break
            else:
                taken.append(call)
                self._running += 1
                for caller in callers:
                    running_of[caller] = running_of.get(caller, 0) + 1
        if passed:
            waiting.extendleft(reversed(passed))
        return taken
