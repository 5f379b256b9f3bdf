"""The form in which a tenant keeps addresses: the same in nodes, in sessions and in the contexts of events."""

import hmac
from ipaddress import ip_address, ip_network
from typing import Literal

from graph.rules import addresses

#: Hex digits of a keyed address: 64 bits. No tenant has enough addresses for two of them to collide.
KEYED_DIGITS = 16


def kept(address: str, form: Literal["full", "truncated", "keyed"], key: bytes) -> str:
    """Return an address as the tenant keeps it.

    - `full`: the address in canonical text.
    - `truncated`: cut to /24 (IPv4) or /48 (IPv6). 203.0.113.7 becomes 203.0.113.0.
    - `keyed`: an HMAC of the address under the tenant's key, 16 hex digits. A plain hash would hide nothing: trying
      all of IPv4 takes under an hour.
    """
    canonical = addresses.kept(address)
    if form == "truncated":
        parsed = ip_address(canonical)
        return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False).network_address)
    if form == "keyed":
        return hmac.digest(key, canonical.encode(), "sha256").hex()[:KEYED_DIGITS]
    return canonical
