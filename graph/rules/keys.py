"""Derive keys from `SECRET_KEY`."""

import hashlib
import hmac
from functools import lru_cache


@lru_cache(maxsize=1024)
def derived_key(key: str, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose. A leaked key says nothing about `SECRET_KEY` or the other keys."""
    return hmac.digest(key.encode(), purpose.encode(), hashlib.sha256)
