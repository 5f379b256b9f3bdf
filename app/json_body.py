"""Read the body of a request: strict JSON (RFC 8259), within limits, with only values that the graph can store.

A body that is not JSON is answered 400. JSON that is too deep or too wide, or has a number that the graph cannot store,
is answered 422. The body may be packed with gzip.
"""

import json
import math
import re
import zlib
from typing import Any, NoReturn

import orjson
from flask import g, request
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from app import patience
from app.context import settings
from app.errors import Malformed, TooLarge, UnsupportedEncoding, UnsupportedMediaType
from app.half_pairs import has_half
from graph.rules.identifiers import visible

#: A batch wraps each call in an object and a list. It may be that much deeper, so every single call fits into one.
LEVELS_OF_A_BATCH = 2
#: Matches texts and everything between them except brackets. An unclosed text extends to the end. The expression never
#: backtracks, so its time is linear in the body's length.
_TEXTS = re.compile(rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)[^"\[\]{}]*+)++', re.DOTALL)
_BRACKETS_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1
_GZIP = frozenset({"gzip", "x-gzip"})
#: Clients send one. Each further one costs a copy of the rest.
GZIP_MEMBERS_MAX = 16
#: Makes all digits alike and all blanks alike, so that they are found without a regular expression, which takes 40 µs.
_DIGITS_AND_BLANKS_ALIKE = bytes.maketrans(b"123456789\t\r\n", b"000000000   ")
#: Shorter integers have at most 64 bits. orjson reads longer ones as floating-point numbers.
_DOUBTFUL_DIGITS = b"0" * 19


def json_body() -> dict[str, Any]:
    """Return the object in the body of this request; parse it only once.

    Raises `UnsupportedMediaType`, `TooLarge`, `Malformed` or `ValidationError`, checked in this order.
    """
    if "json_body" not in g:
        g.json_body = _read()
    body: dict[str, Any] = g.json_body
    return body


def is_blank(value: Any) -> bool:
    """Whether a value says nothing: it is null, or text without a letter."""
    return value is None or (isinstance(value, str) and not visible(value).strip())


def has_halves() -> bool:
    """Whether a text in the body of this request has half a surrogate pair, which no database text may hold."""
    return bool(g.get("json_body_has_halves", False))


def has_half_escaped(body: bytes, value: Any) -> bool:
    """Whether a value that was parsed has half a surrogate pair; only a body with an escape of one is looked through."""
    return _SURROGATE_ESCAPE.search(body) is not None and has_half(value)


def parse(body: bytes, *, max_depth_levels: int, max_object_keys: int) -> Any:
    """Parse any JSON value; raises `Malformed` if it is not JSON, `ValidationError` if it exceeds the limits."""
    try:
        return _quickly(body, max_depth_levels, max_object_keys)
    except (_Doubtful, orjson.JSONDecodeError):
        return strictly(body, max_depth_levels=max_depth_levels, max_object_keys=max_object_keys)


def strictly(body: bytes, *, max_depth_levels: int, max_object_keys: int) -> Any:
    """`parse`, which takes three times as long and finds out what is wrong."""
    if not body.strip():
        raise Malformed("the body is empty: send a JSON object, {} where there is nothing to say")
    if _is_deeper(body, max_depth_levels):
        raise ValidationError(f"Nested deeper than {max_depth_levels} levels.")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > max_object_keys:
            raise ValidationError(f"An object with more than {max_object_keys} keys.")
        found = dict(pairs)
        if len(found) != len(pairs):
            # Some parsers take the first value and others the last, so a proxy might check another than is stored.
            raise Malformed("a key stands twice in one object")
        return found

    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=unique,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON at line {error.lineno} column {error.colno}: {error.msg}") from None
    return value


class _Doubtful(Exception):  # noqa: N818 - it never leaves this module
    """Tells that the quick parser may not decide."""


def _quickly(body: bytes, max_depth_levels: int, max_object_keys: int) -> Any:
    """Parse JSON that is certainly valid and within the limits; raise `_Doubtful` or `JSONDecodeError` otherwise.

    orjson refuses what the strict parser calls malformed, but for a key that stands twice: of those it keeps the last.
    So the keys that it found are compared with those in the text. Each key ends in `":`, since a body with a blank
    before a colon is doubtful. A text that begins with a colon is counted too, and makes the body doubtful as well.
    """
    alike = body.translate(_DIGITS_AND_BLANKS_ALIKE)
    if b" :" in alike or _DOUBTFUL_DIGITS in alike:
        raise _Doubtful
    value = orjson.loads(body)
    if _keys(value, max_depth_levels, max_object_keys) != body.count(b'":'):
        raise _Doubtful
    return value


def _keys(value: Any, levels: int, max_object_keys: int) -> int:
    """Return how many keys all objects have in all; raise `_Doubtful` if a limit is exceeded."""
    if type(value) is dict:
        found, inner = len(value), list(value.values())
        if found > max_object_keys:
            raise _Doubtful
    elif type(value) is list:
        found, inner = 0, value
    else:
        return 0
    if not levels:
        raise _Doubtful
    for item in inner:
        if type(item) is dict or type(item) is list:
            found += _keys(item, levels - 1, max_object_keys)
    return found


def has_json() -> bool:
    """Whether the request has a body that it declares to be JSON."""
    return _says_json() and _has_body()


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _is_deeper(body: bytes, levels: int) -> bool:
    """Whether brackets are nested deeper than `levels`.

    This does not parse, since the parser recurses and fails at a few thousand levels.
    """
    brackets = _TEXTS.sub(b"", body).translate(_BRACKETS_ALIKE, _NO_BRACKETS)
    for _ in range(levels):
        # Each pass removes the innermost level. Counting brackets one by one took 2.9 s for a batch full of them.
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets or brackets.count(b"[") > levels


def _read() -> dict[str, Any]:
    if not request.mimetype and not _has_body() and not request.path.startswith("/eventTracking/"):
        # Clients that have nothing to say send no body, and name no type for it.
        return {}
    if not _says_json():
        raise UnsupportedMediaType("the body must be JSON, with Content-Type: application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType("JSON is sent in UTF-8")
    limits = settings()
    # A batch call is known by its path (/eventTracking/batch, /api/v1/relationships/batch). So a new one gets the limits
    # of a batch without a change here.
    batch = request.url_rule is not None and request.url_rule.rule.endswith("/batch")
    bytes_max = limits.max_batch_bytes if batch else limits.max_body_bytes
    try:
        body = _bytes(bytes_max)
    except (TooLarge, Malformed):
        # It was unpacked up to the limit, perhaps.
        patience.count_bytes(bytes_max)
        raise
    patience.count_bytes(len(body))
    value = parse(
        body,
        max_depth_levels=limits.max_depth_levels + (LEVELS_OF_A_BATCH if batch else 0),
        max_object_keys=limits.max_object_keys,
    )
    if not isinstance(value, dict):
        raise ValidationError("Not an object.")
    g.json_body_has_halves = has_half_escaped(body, value)
    return value


def _says_json() -> bool:
    mimetype = request.mimetype
    if mimetype == "application/json" or mimetype.endswith("+json"):
        return True
    # `navigator.sendBeacon` sends text without asking the server first (a preflight), and so as text/plain or untyped.
    return mimetype in {"text/plain", ""} and request.path.startswith("/eventTracking/")


def _bytes(limit: int) -> bytes:
    """Return the body, unpacked, but no more than the limit.

    Raises:
        UnsupportedEncoding: The body is packed in another way than gzip.
        TooLarge: The body is larger than the limit, as sent or unpacked.
        Malformed: The body is not the gzip that it is said to be.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "", *_GZIP}:
        raise UnsupportedEncoding("a body may be packed with gzip, and in no other way")
    body = _sent_bytes(limit)
    return _unpacked(body, limit) if encoding in _GZIP else body


def _unpacked(body: bytes, limit: int) -> bytes:
    """Unpack gzip, but stop at the limit: a kilobyte can become a megabyte."""
    unpacked = b""
    for _ in range(GZIP_MEMBERS_MAX):
        # A gzip file may consist of several, one after the other (RFC 1952, 2.2).
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            unpacked += member.decompress(body, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise Malformed(f"the body is not gzip, as its Content-Encoding says: {error}") from None
        if len(unpacked) > limit:
            raise TooLarge(f"the body may have {limit} bytes once it is unpacked")
        if not member.eof:
            raise Malformed("the body is gzip that ends too early")
        body = member.unused_data
        if not body:
            return unpacked
    raise Malformed(f"the body is gzip of more than {GZIP_MEMBERS_MAX} parts")


def _sent_bytes(limit: int) -> bytes:
    """Read the body, but no more than the limit, with or without a `Content-Length`."""
    # werkzeug silently cuts a stream off at its maximum; one byte more shows that there was more.
    request.max_content_length = limit + 1
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > limit:
        raise TooLarge(f"the body may have {limit} bytes")
    return body


def _integer(digits: str) -> int | float:
    """Return an integer; one of more than 64 bits as the floating-point number that JavaScript has it as."""
    # The longest 64-bit integer has 19 digits and a sign. For a million digits Python would take minutes, or refuse.
    if len(digits) > 20 or not _INTEGER_MIN <= (value := int(digits)) <= _INTEGER_MAX:
        return _float(digits)
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValidationError("A number beyond what 64 bits of floating point hold.")
    return value


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")
