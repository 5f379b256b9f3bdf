"""Keys that are derived from `SECRET_KEY`."""

import hashlib
import hmac


def derived_key(key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, so that what leaks of one says nothing about `SECRET_KEY` or another."""
    return hmac.digest(key.encode(), purpose.encode(), hashlib.sha256)
