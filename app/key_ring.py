"""The keys that callers show, as the graph knows them, remembered for a moment."""

import threading
import time
from collections.abc import Callable

from cachetools import TLRUCache

from graph.acts import tenants
from graph.acts.tenants import Key
from graph.database import Database

#: A revoked key and a changed setting take effect within this, in every process.
KNOWN_SECONDS = 10.0
#: A key is tried within seconds of being made.
UNKNOWN_SECONDS = 2.0
KEYS_MAX = 10_000


class KeyRing:
    """Finds keys by their hash; safe to share between threads."""

    def __init__(self, database: Database, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._found: TLRUCache[str, Key | None] = TLRUCache(
            KEYS_MAX, ttu=lambda _, key, now: now + (KNOWN_SECONDS if key else UNKNOWN_SECONDS), timer=timer
        )

    def known(self, key: str) -> Key | None:
        """The key if it was found lately; asks nothing of the graph."""
        with self._lock:
            return self._found.get(tenants.key_hash(key))

    def find(self, key: str) -> Key | None:
        """The key and what its tenant has set, or None for one that is unknown or revoked."""
        key_hash = tenants.key_hash(key)
        with self._lock:
            if key_hash in self._found:
                return self._found[key_hash]
        found = tenants.find_key(self._database, key_hash)
        with self._lock:
            self._found[key_hash] = found
        return found
