"""Which texts can be ids, and which user ids name nobody."""

import re
import unicodedata
from collections.abc import Iterable

ID_CHARACTERS_MAX = 256
#: Characters without a width: the soft hyphen, zero-width spaces and joiners, direction marks, and the byte order mark.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")
#: A zero UUID or a zero number. Segment too has its customers block "zeroes and dashes", and ids that developers
#: hard-code:
#: https://support.twilio.com/hc/en-us/articles/43720564918427-How-to-Block-Identifier-Values-in-Unify
_ZEROS_AND_DASHES = re.compile(r"[0\-\s_.]+")

#: User ids that a broken page sends for everybody: what JavaScript, Python, SQL and forms make of "no user".
#: PostHog refuses most of these too, since they had joined strangers:
#: https://github.com/PostHog/posthog/blob/master/plugin-server/src/worker/ingestion/persons/person-merge-service.ts
PLACEHOLDERS = frozenset(
    [
        "null",
        "(null)",
        "undefined",
        "none",
        "nil",
        "nan",
        "n/a",
        "na",
        "-1",
        "true",
        "false",
        "unknown",
        "anonymous",
        "anon",
        "guest",
        "user",
        "visitor",
        "id",
        "uuid",
        "userid",
        "user_id",
        "user-id",
        "distinct_id",
        "distinctid",
        "not_authenticated",
        "unauthenticated",
        "unidentified",
        "email",
        "undefined@undefined",
        "null@null",
        "test@test.com",
        "example@example.com",
        "{}",
        "[]",
        '""',
        "''",
        "...",
        "?",
        "-",
        ".",
        "<nil>",
        "#n/a",
    ],
) | {"[object object]", "not authenticated", "not set", "(not set)", "user id"}


def normalise(text: str) -> str:
    """Return an id as the graph keeps it: trimmed, without invisible characters, and in Unicode's composed form.

    So é is one key however it was typed.

    Raises:
        ValueError: The id is blank, is longer than 256 characters, or holds a NUL or half a surrogate pair, which no
            database text may hold.
    """
    if _SURROGATE_OR_NUL.search(text):
        raise ValueError("holds a NUL or half a character pair")
    trimmed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text).strip())
    if not trimmed:
        raise ValueError("is blank")
    if len(trimmed) > ID_CHARACTERS_MAX:
        raise ValueError(f"is longer than {ID_CHARACTERS_MAX} characters")
    return trimmed


def is_placeholder(user_id: str, more: Iterable[str] = ()) -> bool:
    """Whether a user id names nobody, and so must claim nothing; `more` are the tenant's own placeholders."""
    folded = user_id.strip().casefold()
    return (
        folded in PLACEHOLDERS
        or _ZEROS_AND_DASHES.fullmatch(folded) is not None
        or folded in {placeholder.strip().casefold() for placeholder in more}
    )


def kept_id(user_id: str) -> str:
    """Return a user id as the graph keeps it; an empty text, which is nobody's id, for an id that it cannot keep."""
    try:
        return normalise(user_id)
    except ValueError:
        return ""
