"""How an address is kept, the same wherever it is: in nodes, sessions and the contexts of events."""

import hmac
from ipaddress import ip_address, ip_network
from typing import Literal

from graph.rules import addresses

#: Digits of a keyed address: 64 bits, which no tenant has addresses enough to make collide.
KEYED_DIGITS = 16


def kept(address: str, form: Literal["full", "truncated", "keyed"], key: bytes) -> str:
    """An address as a tenant keeps it: full; cut to /24 or /48; or as a hash under the tenant's key.

    A plain hash would hide nothing: all of IPv4 is tried out in under an hour.
    """
    canonical = addresses.kept(address)
    if form == "truncated":
        parsed = ip_address(canonical)
        return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False).network_address)
    if form == "keyed":
        return hmac.digest(key, canonical.encode(), "sha256").hex()[:KEYED_DIGITS]
    return canonical
