"""Which texts can be ids."""

import re
import unicodedata

ID_CHARACTERS_MAX = 256
#: The values of the policy's `user_id_case`.
KEPT, FOLDED = "kept", "folded"
#: Characters without a width: the soft hyphen, zero-width spaces and joiners, direction marks, and the byte order mark.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


def visible(text: str) -> str:
    """Return a text without characters that have no width."""
    return _INVISIBLE.sub("", text)


def normalise(text: str) -> str:
    """Return an id as the graph keeps it: trimmed, without invisible characters, and in Unicode's composed form.

    So é is one key however it was typed.

    Raises:
        ValueError: The id is blank, is longer than 256 characters, or holds a NUL or half a surrogate pair, which no
            database text may hold.
    """
    if _SURROGATE_OR_NUL.search(text):
        raise ValueError("holds a NUL or half a character pair")
    trimmed = unicodedata.normalize("NFC", visible(text).strip())
    if not trimmed:
        raise ValueError("is blank")
    if len(trimmed) > ID_CHARACTERS_MAX:
        raise ValueError(f"is longer than {ID_CHARACTERS_MAX} characters")
    return trimmed


def in_case(user_id: str, case: str) -> str:
    """Return a user id in the case that the policy's `user_id_case` asks for: as it is, or `folded` to small letters.

    Not Unicode's case folding, by which Strauß and Strauss would be one user.
    """
    return unicodedata.normalize("NFC", user_id.lower()) if case == FOLDED else user_id


def kept_id(user_id: str) -> str:
    """Return a user id as the graph keeps it; an empty text, which is nobody's id, for an id that it cannot keep."""
    try:
        return normalise(user_id)
    except ValueError:
        return ""
