"""Limit how often a key and an address may call.

The counters are those of Flask-Limiter (the package `limits`). Flask-Limiter itself counts before a blueprint's guard
knows the key, and logs addresses in full.
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
    """Counts calls in fixed windows that begin with the first call; can be shared between threads."""

    def __init__(self, settings: Settings, secret_key: str, *, timer: Callable[[], float] = time.time) -> None:
        """Connect to the store of the counters; raises `BadSettings` if there is no client for it."""
        self._limits: dict[Whose, list[RateLimitItem]] = {
            "address": sorted(parse_many(settings.rate_limit_per_address)),
            "key": sorted(parse_many(settings.rate_limit_per_key)),
        }
        self._counters = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_uri))
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._address_key = derived_key(secret_key, "rate-limited-address")
        self._timer = timer

    def count_address(self, address: str) -> int | None:
        """Count a call from an address, or from its /64; return the seconds to wait if it is one too many, else None."""
        # The address is hashed, since a shared store is one more place from which addresses could leak.
        return self._count("address", hmac.digest(self._address_key, kept(address).encode(), "sha256").hex()[:32])

    def count_key(self, tenant: str, key_id: str) -> int | None:
        """Count a call with a key; return the seconds to wait if it is one too many, else None."""
        return self._count("key", f"{tenant}:{key_id}")

    def _count(self, whose: Whose, who: str) -> int | None:
        try:
            resets_at = self._hit(self._counters, whose, who)
        except StorageError:
            # If the store fails, calls must neither fail nor go uncounted.
            logger.warning("the store of rate limits does not answer; this process counts for itself")
            resets_at = self._hit(self._own, whose, who)
        return None if resets_at is None else max(1, math.ceil(resets_at - self._timer()))

    def _hit(self, counters: FixedWindowRateLimiter, whose: Whose, who: str) -> float | None:
        """Return when calls are accepted again, as a Unix time; None if this call is within every limit.

        The shortest window comes first. A call that it refuses does not count in the longer ones.
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
