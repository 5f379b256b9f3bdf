"""The address a request came from, as far as it can be believed."""

from ipaddress import IPv6Address, ip_address

#: What stands for an address that there is none of, as over a Unix socket: the unspecified one, which proves nothing.
UNKNOWN = "0.0.0.0"  # noqa: S104 - nothing is bound to it


def client_ip(remote_addr: str | None, forwarded_for: str | None, trusted_proxies: int) -> str:
    """The client's address in canonical text, behind so many proxies of ours.

    Each proxy appends the address it was called from, so only the last `trusted_proxies` entries of `X-Forwarded-For`
    are ours; whatever stands left of them, anybody may have written. Where one of ours wrote no address, the nearest
    one right of it is the last that can be believed.
    """
    believed = _canonical(remote_addr or "") or UNKNOWN
    if trusted_proxies <= 0 or not forwarded_for:
        return believed
    # Empty elements count for nothing in a list header: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2
    entries = [entry for entry in map(str.strip, forwarded_for.split(",")) if entry]
    for entry in reversed(entries[-trusted_proxies:]):
        address = _canonical(entry)
        if address is None:
            break
        believed = address
    return believed


def _canonical(text: str) -> str | None:
    """One text for one address: no port, no brackets, no zone, and IPv4 as IPv4 however it was wrapped."""
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
