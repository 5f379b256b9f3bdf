"""Half surrogate pairs: what is left of a character when a text is cut in its middle, as templates and old code do.

JSON can say them (a backslash and `ud83d`), and no database text can hold them.
"""

import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def has_half(value: Any) -> bool:
    """Whether half a surrogate pair is anywhere in a value of JSON."""
    if isinstance(value, str):
        return _HALF.search(value) is not None
    if isinstance(value, list):
        return any(map(has_half, value))
    return isinstance(value, dict) and any(has_half(part) for pair in value.items() for part in pair)


def whole(value: Any) -> Any:
    """Return a value of JSON with U+FFFD in place of each half of a surrogate pair."""
    if isinstance(value, str):
        return _HALF.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {whole(name): whole(item) for name, item in value.items()}
    return value
