"""Limit how often a key and an address may call.

The counters are those of Flask-Limiter (the package `limits`). Flask-Limiter itself counts before a blueprint's guard
knows the key, and logs addresses in full.
"""

import hmac
import logging
import math
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerSecond, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.config import BadSettings, Settings
from graph.rules.addresses import kept
from graph.rules.keys import derived_key

logger = logging.getLogger("whograph.rate_limits")

Whose = Literal["address", "key"]
What = Literal["calls", "bytes"]

_STORE_IS_AWAY = "the store of rate limits does not answer; this process counts for itself"

#: How many keys of an address that has reached its limit a process looks up.
LOOK_UPS = RateLimitItemPerSecond(10)

#: How often a process forgets the windows that have ended. Each takes about 200 bytes until then.
SWEEP_SECONDS = 10.0


class OwnCounters(Storage):
    """The counters of fixed windows of one process; can be shared between threads.

    The package's `MemoryStorage` does the same, but looks through all its counters every 10 ms, in a new thread each
    time. That took a fifth of the CPU that a call needs, and more with more addresses.
    """

    #: None of its own, so that `memory://` stays the package's.
    STORAGE_SCHEME = None

    def __init__(self, timer: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._timer = timer
        self._lock = threading.Lock()
        #: By key: how much was counted, and when that ends.
        self._windows: dict[str, tuple[int, float]] = {}
        self._next_sweep = 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: nothing can fail."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the window of this key, or in a new one of `expiry` seconds; return the count."""
        now = self._timer()
        with self._lock:
            if now >= self._next_sweep:
                self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
                self._next_sweep = now + SWEEP_SECONDS
            count, ends = self._windows.get(key, (0, now))
            if ends <= now:
                count, ends = 0, now + expiry
            self._windows[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        """Return the count of the window of this key; 0 if there is none."""
        now = self._timer()
        count, ends = self._windows.get(key, (0, now))
        return count if ends > now else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of this key ends, as a Unix time."""
        return self._windows.get(key, (0, self._timer()))[1]

    def check(self) -> bool:
        """Whether the counters answer: always."""
        return True

    def reset(self) -> int:
        """Forget all windows; return how many there were."""
        with self._lock:
            forgotten, self._windows = len(self._windows), {}
        return forgotten

    def clear(self, key: str) -> None:
        """Forget the window of this key."""
        with self._lock:
            self._windows.pop(key, None)


class RateLimits:
    """Counts calls in fixed windows that begin with the first call; can be shared between threads."""

    def __init__(self, settings: Settings, secret_key: str, *, timer: Callable[[], float] = time.time) -> None:
        """Connect to the store of the counters; raises `BadSettings` if there is no client for it."""
        self._limits: dict[tuple[What, Whose], list[RateLimitItem]] = {
            ("calls", "address"): sorted(parse_many(settings.rate_limit_per_address)),
            ("calls", "key"): sorted(parse_many(settings.rate_limit_per_key)),
            ("bytes", "address"): sorted(parse_many(settings.rate_limit_bytes_per_address)),
            ("bytes", "key"): sorted(parse_many(settings.rate_limit_bytes_per_key)),
        }
        self._counters = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_uri, timer))
        self._own = FixedWindowRateLimiter(OwnCounters(timer))
        self._address_key = derived_key(secret_key, "rate-limited-address")
        self._timer = timer

    def count_address(self, address: str, amount: int = 1, what: What = "calls") -> int | None:
        """Count calls or bytes from an address, or from its /64; return the seconds to wait if they are too many, else None.

        They are too many if the limit was reached before them. So a batch is accepted that goes beyond it, and what comes
        next has to wait.
        """
        # The address is hashed, since a shared store is one more place from which addresses could leak.
        return self._count(what, "address", _hashed(self._address_key, address), amount)

    def count_key(self, tenant: str, key_id: str, amount: int = 1, what: What = "calls") -> int | None:
        """Count calls or bytes with a key; return the seconds to wait if they are too many, else None."""
        return self._count(what, "key", f"{tenant}:{key_id}", amount)

    def may_look_up(self, address: str) -> bool:
        """Whether a key may be looked up in the graph although its address has reached the limit; count that, in this process."""
        return self._own.hit(LOOK_UPS, "look-up", _hashed(self._address_key, address))

    def may_claim(self, tenant: str, address: str, user_id: str, most: int) -> bool:
        """Whether an address may claim something for a user within the hour, if it may for `most` users; count that.

        A user counts once in an hour, in whichever browser and however often they log in.
        """
        return self._is_among("claim", tenant, address, user_id, most)

    def may_show(self, tenant: str, address: str, fingerprint: str, most: int) -> bool:
        """Whether a fingerprint is among the `most` that an address may show within the hour; count it once in an hour."""
        return self._is_among("fingerprint", tenant, address, fingerprint, most)

    def _is_among(self, kind: str, tenant: str, address: str, what: str, most: int) -> bool:
        whose = f"{tenant}:{_hashed(self._address_key, address)}"
        # Many user ids are e-mail addresses, which must not leak either.
        whom = hmac.digest(self._address_key, what.encode(), "sha256").hex()[:32]
        try:
            return _is_among(self._counters, kind, whose, whom, most)
        except StorageError:
            logger.warning(_STORE_IS_AWAY)
            return _is_among(self._own, kind, whose, whom, most)

    def _count(self, what: What, whose: Whose, who: str, amount: int) -> int | None:
        try:
            resets_at = self._hit(self._counters, what, whose, who, amount)
        except StorageError:
            # If the store fails, calls must neither fail nor go uncounted.
            logger.warning(_STORE_IS_AWAY)
            resets_at = self._hit(self._own, what, whose, who, amount)
        return None if resets_at is None else max(1, math.ceil(resets_at - self._timer()))

    def _hit(self, counters: FixedWindowRateLimiter, what: What, whose: Whose, who: str, amount: int) -> float | None:
        """Return when more is accepted again, as a Unix time; None if every limit had room.

        The shortest window comes first. What it refuses does not count in the longer ones.
        """
        # Calls are counted under the names that they had before bytes were counted.
        names = (whose, who) if what == "calls" else (what, whose, who)
        for limit in self._limits[what, whose]:
            counted = counters.storage.incr(limit.key_for(*names), limit.get_expiry(), amount)
            if counted - amount >= limit.amount:
                return counters.get_window_stats(limit, *names).reset_time
        return None


def _is_among(counters: FixedWindowRateLimiter, kind: str, whose: str, whom: str, most: int) -> bool:
    once = RateLimitItemPerHour(1)
    if not counters.test(once, kind, whose, whom):
        return True
    # Two calls at once may count one twice, which is on the safe side.
    if not counters.hit(RateLimitItemPerHour(most), f"{kind}s", whose):
        return False
    counters.hit(once, kind, whose, whom)
    return True


@lru_cache(maxsize=4096)
def _hashed(key: bytes, address: str) -> str:
    return hmac.digest(key, kept(address).encode(), "sha256").hex()[:32]


def _storage(uri: str, timer: Callable[[], float]) -> Storage:
    if urlsplit(uri).scheme == "memory":
        return OwnCounters(timer)
    try:
        found = storage_from_string(uri, wrap_exceptions=True)
    except (ConfigurationError, ValueError) as error:
        raise BadSettings(f"these settings cannot be used: RATE_LIMIT_STORAGE_URI: {error}") from None
    if not isinstance(found, Storage):
        raise BadSettings("these settings cannot be used: RATE_LIMIT_STORAGE_URI: an asynchronous store.")
    return found
