"""Look up callers' keys in the graph, with a short-lived cache."""

import threading
import time
from collections.abc import Callable

from cachetools import TLRUCache

from graph.acts import tenants
from graph.acts.tenants import Key
from graph.database import Database

#: How long a known key is cached. A revoked key or a changed setting takes effect within this time in every process.
KNOWN_SECONDS = 10.0
#: How long an unknown key is cached. It is short, since a new key is often tried within seconds of its creation.
UNKNOWN_SECONDS = 2.0
KEYS_MAX = 10_000


class KeyRing:
    """Finds keys by their hash; can be shared between threads."""

    def __init__(self, database: Database, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._found: TLRUCache[str, Key | None] = TLRUCache(
            KEYS_MAX, ttu=lambda _, key, now: now + (KNOWN_SECONDS if key else UNKNOWN_SECONDS), timer=timer
        )

    def known(self, key: str) -> Key | None:
        """Return the key if it is cached; does not ask the graph."""
        with self._lock:
            return self._found.get(tenants.key_hash(key))

    def find(self, key: str) -> Key | None:
        """Return the key with its tenant's settings, or None if it is unknown or revoked."""
        key_hash = tenants.key_hash(key)
        with self._lock:
            if key_hash in self._found:
                return self._found[key_hash]
        found = tenants.find_key(self._database, key_hash)
        with self._lock:
            self._found[key_hash] = found
        return found
