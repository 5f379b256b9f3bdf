"""Look up callers' keys in the graph, with a short-lived cache, and note when they are used."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cachetools import LRUCache, TLRUCache

from graph.acts import signing_keys, tenants
from graph.acts.tenants import Key
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.rules.times import whole_hour

logger = logging.getLogger("whograph")

#: How long a known key is cached. A revoked key or a changed setting takes effect within this time in every process.
KNOWN_SECONDS = 10.0
#: How long an unknown key is cached. It is short, since a new key is often tried within seconds of its creation.
UNKNOWN_SECONDS = 2.0
KEYS_MAX = 10_000


class KeyRing:
    """Finds keys by their hash; can be shared between threads."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._found: TLRUCache[str, Key | None] = TLRUCache(
            KEYS_MAX, ttu=lambda _, key, now: now + (KNOWN_SECONDS if key else UNKNOWN_SECONDS), timer=timer
        )

        #: The hashes of keys that were secret keys when they were last looked up.
        self._secret: LRUCache[str, None] = LRUCache(KEYS_MAX)
        #: In which hour each signing key was last noted as used.
        self._signed: LRUCache[tuple[str, str], datetime] = LRUCache(KEYS_MAX)

    def was_secret(self, key: str) -> bool:
        """Whether this was a secret key when it was last looked up, however long ago that was."""
        with self._lock:
            return tenants.key_hash(key) in self._secret

    def find(self, key: str) -> Key | None:
        """Return the key with its tenant's settings, or None if it is unknown or revoked; note that it is used."""
        key_hash = tenants.key_hash(key)
        with self._lock:
            if key_hash in self._found:
                return self._found[key_hash]
        found = tenants.find_key(self._database, key_hash)
        with self._lock:
            # Of calls that come at once, the first one notes for all that the key is used.
            is_first = key_hash not in self._found
            self._found[key_hash] = found
            if found is not None and found.kind == "secret":
                self._secret[key_hash] = None
            else:
                self._secret.pop(key_hash, None)
        if found is not None and is_first:
            self._note_use(found)
        return found

    def reader(self, tenant: str, link_id: str) -> Key | None:
        """Return what reads a tenant's data by a link; None if there is no such tenant."""
        # No hash of a key has a blank.
        name = f"reader of {tenant}"
        with self._lock:
            found, is_known = self._found.get(name), name in self._found
        if not is_known:
            found = tenants.find_reader(self._database, tenant)
            with self._lock:
                self._found[name] = found
        return found and replace(found, key_id=link_id)

    def note_signed(self, key: Key, signing_key_id: str) -> None:
        """Note that a signing key of the key's tenant proved a user id: at most one write an hour in each process."""
        hour, signed = whole_hour(self._clock()), (key.tenant, signing_key_id)
        with self._lock:
            if self._signed.get(signed) == hour:
                return
            self._signed[signed] = hour
        try:
            signing_keys.note_use(self._database, key.tenant, signing_key_id, hour)
        except IdentityGraphError as error:
            logger.warning("the use of signing key %s was not noted: %s", signing_key_id, error.message)

    def _note_use(self, key: Key) -> None:
        # A key in use is looked up every `KNOWN_SECONDS`. So the note costs other calls nothing, and needs no thread.
        try:
            tenants.note_use(self._database, key, whole_hour(self._clock()))
        except IdentityGraphError as error:
            logger.warning("the use of key %s was not noted: %s", key.key_id, error.message)
