"""How often a key and an address may call: counted at the door, once the key is known.

These are Flask-Limiter's counters without Flask-Limiter, which counts before a blueprint's guard knows the key, and logs
addresses as they are.
"""

import hmac
import logging
import math
import time
from collections.abc import Callable
from typing import Literal

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.config import BadSettings, Settings
from graph.rules.addresses import kept
from graph.rules.keys import derived_key

logger = logging.getLogger("whograph.rate_limits")

Whose = Literal["address", "key"]


class RateLimits:
    """Counts calls in fixed windows that begin with the first call; safe to share between threads."""

    def __init__(self, settings: Settings, secret_key: str, *, timer: Callable[[], float] = time.time) -> None:
        """Raises `BadSettings` for a store that there is no client for."""
        self._limits: dict[Whose, list[RateLimitItem]] = {
            "address": sorted(parse_many(settings.rate_limit_per_address)),
            "key": sorted(parse_many(settings.rate_limit_per_key)),
        }
        self._counters = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_uri))
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._address_key = derived_key(secret_key, "rate-limited-address")
        self._timer = timer

    def count_address(self, address: str) -> int | None:
        """Count a call from an address, of IPv6 from its /64; answers how many seconds to wait where that is too many."""
        # A shared store is one more place that could tell who called.
        return self._count("address", hmac.digest(self._address_key, kept(address).encode(), "sha256").hex()[:32])

    def count_key(self, tenant: str, key_id: str) -> int | None:
        """Count a call with a key; answers how many seconds to wait where that is too many."""
        return self._count("key", f"{tenant}:{key_id}")

    def _count(self, whose: Whose, who: str) -> int | None:
        try:
            resets_at = self._hit(self._counters, whose, who)
        except StorageError:
            # Calls are not to fail with the store, nor to go uncounted.
            logger.warning("the store of rate limits does not answer; this process counts for itself")
            resets_at = self._hit(self._own, whose, who)
        return None if resets_at is None else max(1, math.ceil(resets_at - self._timer()))

    def _hit(self, counters: FixedWindowRateLimiter, whose: Whose, who: str) -> float | None:
        """When calls are taken again, as a Unix time; None for a call that is within every limit.

        The shortest window comes first, and a call that it refuses counts in no longer one.
        """
        for limit in self._limits[whose]:
            if not counters.hit(limit, whose, who):
                return counters.get_window_stats(limit, whose, who).reset_time
        return None


def _storage(uri: str) -> Storage:
    try:
        found = storage_from_string(uri, wrap_exceptions=True)
    except (ConfigurationError, ValueError) as error:
        raise BadSettings(f"these settings cannot be used: RATE_LIMIT_STORAGE_URI: {error}") from None
    if not isinstance(found, Storage):
        raise BadSettings("these settings cannot be used: RATE_LIMIT_STORAGE_URI: an asynchronous store.")
    return found
