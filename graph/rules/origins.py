"""Which origins a tenant lists, and whether a page is of one of them."""

import re
from urllib.parse import urlsplit

ANY = "*"
#: What a browser sends for a page of no origin, such as a file or a sandboxed frame.
OPAQUE = "null"
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: A host name, whose first label may be `*`; or an IPv6 address.
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")


def normalise(text: str) -> str:
    """Return an origin as browsers send it: `https://shop.example`, or `https://*.shop.example` for its subdomains.

    Raises:
        ValueError: Browsers send no such origin, so it would never match; the message says why.
    """
    given = text.strip().lower()
    if given in {ANY, OPAQUE}:
        return given
    parts = urlsplit(given)
    if not parts.scheme or not parts.netloc:
        raise ValueError(
            f"{text!r} is no origin: it begins with https:// or another scheme, such as https://shop.example"
        )
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{text!r} is no origin: it ends with the host or the port, without a path")
    host, _, digits = parts.netloc.rpartition(":") if re.search(r":\d*$", parts.netloc) else (parts.netloc, "", "")
    if not host.isascii():
        host = host.encode("idna").decode()
    if not _HOST.fullmatch(host):
        raise ValueError(f"{text!r} is no origin: only the first part of a host may be *, as in https://*.shop.example")
    if digits and not 1 <= int(digits) <= 65_535:
        raise ValueError(f"{text!r} is no origin: there is no port {digits}")
    port = f":{int(digits)}" if digits and int(digits) != _DEFAULT_PORTS.get(parts.scheme) else ""
    return f"{parts.scheme}://{host}{port}"


def is_listed(origin: str, listed: tuple[str, ...]) -> bool:
    """Whether an origin, as a browser sends it, is one of those that are listed, or a subdomain of one with `*`."""
    given = origin.lower()
    return ANY in listed or given in listed or any(_is_below(given, pattern) for pattern in listed if "*" in pattern)


def _is_below(origin: str, pattern: str) -> bool:
    start, _, end = pattern.partition("*")
    inner = origin[len(start) : -len(end)]
    return origin.startswith(start) and origin.endswith(end) and bool(inner) and "/" not in inner
