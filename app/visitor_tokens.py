"""Issue and read visitor tokens. A token signs only a tenant and a jar, so an old token never becomes outdated."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from app.context import secret_keys
from graph.rules.keys import derived_key

#: A longer token is refused unread. A token has about 130 characters. If the jar is a caller's id of 256 non-ASCII
#: characters, it has under 3,000.
CHARACTERS_MAX = 4096


#: Part of a token that was given to somebody who only named the jar.
_NAMED = "named"


def issue(tenant: str, jar_id: str, *, is_named: bool = False) -> str:
    """Return the token of a jar. It is always the same while SECRET_KEY stays the same.

    `is_named` is for somebody who only named a jar that others may have made. Such a token recognises the jar, and proves
    nothing more than the name does.
    """
    return str(_serializer(secret_keys()).dumps([tenant, jar_id, *([_NAMED] if is_named else [])]))


def read(token: str | None, tenant: str) -> str | None:
    """Return the jar id that a token of this tenant names; None for no token, an invalid one, or another tenant's."""
    match _signed(token):
        case [str(of), str(jar_id), *_] if of == tenant:
            return jar_id
    return None


def is_named(token: str) -> bool:
    """Whether a token that names a jar was given to somebody who only named it."""
    return _NAMED in _signed(token)[2:]


def _signed(token: str | None) -> list[Any]:
    if token is None or len(token) > CHARACTERS_MAX or not token.isascii():
        return []
    try:
        signed = _serializer(secret_keys()).loads(token)
    except BadData:
        return []
    return signed if isinstance(signed, list) else []


@lru_cache(maxsize=4)
def _serializer(secret_keys: tuple[str, ...]) -> URLSafeSerializer:
    # itsdangerous signs with the last key and accepts signatures by any. Its default digest is SHA-1. It would derive the
    # keys of its `hmac` for each token; here they are derived once.
    derived = [derived_key(key, "visitor-token") for key in reversed(secret_keys)]
    return URLSafeSerializer(
        [hmac.digest(key, b"visitor-token", hashlib.sha256) for key in derived],
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "none"},
    )
