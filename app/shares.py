"""Share a worker's threads among callers, so that one who has much to do leaves room for others."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Whose = Literal["address", "server", "key"]
#: The largest share of a worker's threads for one address and for one key. A quarter of 64 threads is enough for all calls
#: that an address may make (`RATE_LIMIT_PER_ADDRESS`). A server is an address whose calls show a key as servers do, whether
#: that is one or not. A key is that of all pages of a tenant.
SHARES: Mapping[Whose, float] = {"address": 0.25, "server": 0.5, "key": 0.75}
#: How many calls a caller may let wait. One more is refused: what waits holds a connection and memory.
WAITING_MAX: Mapping[Whose, int] = {"address": 64, "server": 128, "key": 512}

#: Who makes a call: the address that it comes from, and the key that it shows. Plain tuples, since each call has some.
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
        self._waiting_of: Counter[tuple[Whose, str]] = Counter()
        self._waiting: deque[tuple[T, Callers]] = deque()

    def has_room(self, callers: Callers) -> bool:
        """Whether another call of these callers may wait."""
        return all(self._waiting_of[caller] < WAITING_MAX[caller[0]] for caller in callers)

    def add(self, call: T, callers: Callers) -> None:
        """Let a call wait for a thread."""
        self._waiting.append((call, callers))
        self._waiting_of.update(callers)

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
                    self._waiting_of[caller] -= 1
                    if not self._waiting_of[caller]:
                        del self._waiting_of[caller]
                    running_of[caller] = running_of.get(caller, 0) + 1
        if passed:
            waiting.extendleft(reversed(passed))
        return taken
