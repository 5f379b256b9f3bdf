"""Find the address that a request came from, as far as its headers can be trusted."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

#: Stands for a missing address, such as that of a Unix socket. It is the unspecified address, which proves nothing.
UNKNOWN = "0.0.0.0"  # noqa: S104 - nothing is bound to it

#: Longer texts than an address in brackets with a zone and a port are not kept in the cache, which a client could fill.
CACHED_CHARACTERS_MAX = 80


def client_ip(remote_addr: str | None, forwarded_for: str | None, trusted_proxies: int) -> str:
    """Return the client's address in canonical text, behind `trusted_proxies` proxies of ours.

    Each proxy appends the address that called it. So only the last `trusted_proxies` entries of `X-Forwarded-For` are
    ours; a client can forge the entries left of these. With two trusted proxies, `6.6.6.6, 203.0.113.7, 10.0.0.2` means
    203.0.113.7. If an entry of ours is not an address, the nearest address to its right is returned.
    """
    believed = _canonical(remote_addr or "") or UNKNOWN
    if trusted_proxies <= 0 or not forwarded_for:
        return believed
    # Empty elements of a list header are ignored: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2
    entries = [entry for entry in map(str.strip, forwarded_for.split(",")) if entry]
    for entry in reversed(entries[-trusted_proxies:]):
        address = _canonical(entry)
        if address is None:
            break
        believed = address
    return believed


def _canonical(text: str) -> str | None:
    """Return the canonical text of an address: without port, brackets and zone, and IPv4-mapped IPv6 as IPv4."""
    return _read(text) if len(text) <= CACHED_CHARACTERS_MAX else _read.__wrapped__(text)


@lru_cache(maxsize=4096)
def _read(text: str) -> str | None:
    # Reading an address takes 10 µs, and a client calls again.
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
