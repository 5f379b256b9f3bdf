"""Issue and read visitor tokens. A token signs only a tenant and a jar, so an old token never becomes outdated."""

import hashlib
import hmac
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from app.context import secret_keys
from graph.rules.keys import derived_key

#: A longer token is refused unread. A token has about 130 characters. If the jar is a caller's id of 256 non-ASCII
#: characters, it has under 3,000.
CHARACTERS_MAX = 4096


def issue(tenant: str, jar_id: str) -> str:
    """Return the token of a jar. It is always the same while SECRET_KEY stays the same."""
    return str(_serializer(secret_keys()).dumps([tenant, jar_id]))


def read(token: str | None, tenant: str) -> str | None:
    """Return the jar id that a token of this tenant names; None for no token, an invalid one, or another tenant's."""
    if token is None or len(token) > CHARACTERS_MAX or not token.isascii():
        return None
    try:
        signed = _serializer(secret_keys()).loads(token)
    except BadData:
        return None
    match signed:
        case [str(of), str(jar_id)] if of == tenant:
            return jar_id
    return None


@lru_cache(maxsize=4)
def _serializer(secret_keys: tuple[str, ...]) -> URLSafeSerializer:
    # itsdangerous signs with the last key and accepts signatures by any. Its default digest is SHA-1. It would derive the
    # keys of its `hmac` for each token; here they are derived once.
    derived = [derived_key(key, "visitor-token") for key in reversed(secret_keys)]
    return URLSafeSerializer(
        [hmac.digest(key, b"visitor-token", hashlib.sha256) for key in derived],
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "none"},
    )
