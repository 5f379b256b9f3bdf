"""Which address a request came from: a caller cannot forge it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enrichment.client_ip import UNKNOWN, client_ip

PROXY = "10.0.0.5"
SPOOFED = "6.6.6.6"
REAL = "203.0.113.9"

# The connection's address, the X-Forwarded-For header, the number of our own proxies, and the client's address.
CASES = {
    "no proxy: the header is the caller's own invention": (REAL, SPOOFED, 0, REAL),
    "no proxy, no header": (REAL, None, 0, REAL),
    "one proxy": (PROXY, REAL, 1, REAL),
    "one proxy, spoofed left of it": (PROXY, f"{SPOOFED}, {REAL}", 1, REAL),
    "one proxy, spoofed twice": (PROXY, f"{SPOOFED}, {SPOOFED}, {REAL}", 1, REAL),
    "one proxy, a thousand spoofed": (PROXY, f"{SPOOFED}," * 1000 + REAL, 1, REAL),
    "two proxies": (PROXY, f"{REAL}, 10.0.0.4", 2, REAL),
    "two proxies, spoofed": (PROXY, f"{SPOOFED}, {REAL}, 10.0.0.4", 2, REAL),
    "two proxies, one passed by": (PROXY, REAL, 2, REAL),
    "one proxy that sent no header": (REAL, None, 1, REAL),
    "an empty header": (REAL, "", 1, REAL),
    "only commas": (REAL, ", ,,", 1, REAL),
    "empty elements count for nothing": (PROXY, f"{SPOOFED},, {REAL},", 1, REAL),
    "the proxy did not know": (PROXY, f"{SPOOFED}, unknown", 1, PROXY),
    "the proxy hid it": (PROXY, f"{SPOOFED}, _hidden", 1, PROXY),
    "the outer proxy did not know": (PROXY, f"{SPOOFED}, unknown, 10.0.0.4", 2, "10.0.0.4"),
    "junk left of the believed": (PROXY, f"<script>, {REAL}", 1, REAL),
    "a name": (PROXY, "localhost", 1, PROXY),
    "an octal look-alike": (PROXY, "0177.0.0.1", 1, PROXY),
    "a number": (PROXY, "3405803785", 1, PROXY),
    "a network": (PROXY, "203.0.113.0/24", 1, PROXY),
    "with a port": (PROXY, f"{REAL}:4711", 1, REAL),
    "in quotes, as Forwarded has it": (PROXY, f'"{REAL}"', 1, REAL),
    "IPv6": (PROXY, "2001:db8::1", 1, "2001:db8::1"),
    "IPv6 written long": (PROXY, "2001:0DB8:0000:0000:0000:0000:0000:0001", 1, "2001:db8::1"),
    "IPv6 in brackets": (PROXY, "[2001:db8::1]", 1, "2001:db8::1"),
    "IPv6 in brackets with a port": (PROXY, "[2001:db8::1]:4711", 1, "2001:db8::1"),
    "IPv6 with a zone": (PROXY, "fe80::1%eth0", 1, "fe80::1"),
    "IPv4 mapped into IPv6": (PROXY, f"::ffff:{REAL}", 1, REAL),
    "IPv4 mapped into IPv6, hexadecimal": (PROXY, "::ffff:cb00:7109", 1, REAL),
    "IPv4 mapped into IPv6, in brackets with a port": (PROXY, f"[::ffff:{REAL}]:80", 1, REAL),
    "a mapped connection": (f"::ffff:{REAL}", None, 0, REAL),
    "a Unix socket": ("", REAL, 1, REAL),
    "a Unix socket and no header": ("", None, 1, UNKNOWN),
    "nothing at all": (None, None, 0, UNKNOWN),
}


@pytest.mark.parametrize(("remote", "header", "proxies", "expected"), CASES.values(), ids=CASES.keys())
def test_the_address_is_the_one_that_our_outermost_proxy_saw(
    remote: str | None, header: str | None, proxies: int, expected: str
) -> None:
    assert client_ip(remote, header, proxies) == expected


@given(st.text(), st.integers(0, 4))
def test_what_the_caller_wrote_into_the_header_changes_nothing(written: str, proxies: int) -> None:
    ours = [f"10.0.{hop}.1" for hop in range(proxies)]
    forged = ", ".join([written, *ours]) if ours else written
    assert client_ip(PROXY, forged, proxies) == client_ip(PROXY, ", ".join(ours), proxies)


@given(st.text(), st.text(), st.integers(0, 3))
def test_the_answer_is_always_an_address_in_canonical_text(remote: str, header: str, proxies: int) -> None:
    address = client_ip(remote, header, proxies)
    assert str(ipaddress.ip_address(address)) == address
