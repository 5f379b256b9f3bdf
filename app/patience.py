"""Count what a call costs against the limits of its address and its key: its items, and its bytes."""

from typing import Literal

from flask import g

from app.context import address, service
from app.errors import TooManyRequests

_TOO_MANY = {
    "calls": "more calls than one {} may make; each item of a batch is a call",
    "bytes": "more bytes than one {} may send",
}


def require(whose: Literal["address", "key"], seconds: int | None, what: Literal["calls", "bytes"] = "calls") -> None:
    """Raise `TooManyRequests` if there are seconds to wait."""
    if seconds is not None:
        raise TooManyRequests(_TOO_MANY[what].format(whose), retry_after_seconds=seconds)


def count_items(count: int) -> None:
    """Count the items of a batch as so many calls; one of them was counted when the batch came.

    Raises:
        TooManyRequests: A limit was reached before this batch.
    """
    if count <= 1:
        return
    limits, key = service().rate_limits, g.key
    if key.kind == "write":
        require("address", limits.count_address(address(), count - 1))
    require("key", limits.count_key(key.tenant, key.key_id, count - 1))


def count_bytes(count: int) -> None:
    """Count the bytes of a body, unpacked, before they are parsed: against a server's key, and else the address.

    Raises:
        TooManyRequests: The limit was reached before this body.
    """
    limits, key = service().rate_limits, g.get("server_key")
    if key is None:
        require("address", limits.count_address(address(), count, "bytes"), "bytes")
    else:
        require("key", limits.count_key(key.tenant, key.key_id, count, "bytes"), "bytes")
