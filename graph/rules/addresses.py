"""Which network addresses are evidence of who is behind them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

#: Loopback, private, link-local, shared and multicast addresses: two visits from one of them prove nothing.
#: Documentation ranges (RFC 5737, RFC 3849) are left out: nobody has them, and examples and tests use them.
PROVES_NOTHING = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared inside a carrier's network: RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)


@lru_cache(maxsize=4096)
def kept(address: str) -> str:
    """Return an address as the graph keeps it: canonical text, IPv6 cut to the /64 that a household or office gets."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False).network_address)
    return str(parsed)


@lru_cache(maxsize=4096)
def proves(address: str) -> bool:
    """Whether two visits from this address are evidence. Private ones are none: many networks use the same."""
    parsed: IPv4Address | IPv6Address = ip_address(address)
    return not any(parsed in network for network in PROVES_NOTHING if network.version == parsed.version)
