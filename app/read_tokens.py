"""Issue and read the tokens of links to the explorer, each of which reads one tenant's data until it ends."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from graph.rules.keys import derived_key
from graph.rules.times import milliseconds, of_milliseconds

#: Tells a token from a key, also where it does not belong.
PREFIX = "rt_"
#: The longest time that a link holds: a working day and its evening.
MINUTES_MAX = 24 * 60
#: A longer token is refused unread. A token has under 250 characters.
CHARACTERS_MAX = 512


@dataclass(frozen=True)
class ReadToken:
    """What a token says: whose data it reads, by which link it was given out, when it ends, and when it was given out."""

    tenant: str
    link_id: str
    ends: datetime
    made: datetime


def issue(token: ReadToken, secret_keys: Sequence[str]) -> str:
    """Return the token as text, signed with the first of the secret keys."""
    said = [token.tenant, token.link_id, int(token.ends.timestamp()), milliseconds(token.made)]
    return f"{PREFIX}{_serializer(tuple(secret_keys)).dumps(said)}"


def read(text: str, secret_keys: Sequence[str]) -> ReadToken | None:
    """Return what a token says; None if it is none of ours. It is for the caller to ask whether it has ended."""
    if not text.startswith(PREFIX) or len(text) > CHARACTERS_MAX or not text.isascii():
        return None
    try:
        said = _serializer(tuple(secret_keys)).loads(text.removeprefix(PREFIX))
    except BadData:
        return None
    match said:
        case [str(tenant), str(link_id), int(ends), int(made)]:
            return ReadToken(tenant, link_id, datetime.fromtimestamp(ends, UTC), of_milliseconds(made))
    return None


@lru_cache(maxsize=4)
def _serializer(secret_keys: tuple[str, ...]) -> URLSafeSerializer:
    # itsdangerous signs with the last key and accepts signatures by any. No visitor token passes for one of these, since
    # the keys are derived for another purpose.
    return URLSafeSerializer(
        [derived_key(key, "read-token") for key in reversed(secret_keys)],
        salt=b"read-token",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
