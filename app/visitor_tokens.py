"""The first-party token of a browser: it signs a tenant and a jar, nothing else, so an old one never goes stale."""

import hashlib
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from app.context import secret_keys
from graph.rules.keys import derived_key

#: A token of ours has about 130 characters, and under 3,000 where the jar is a caller's id of 256 characters beyond
#: ASCII; what is longer is not looked at.
CHARACTERS_MAX = 4096


def issue(tenant: str, jar_id: str) -> str:
    """The token of a jar, the same one every time while SECRET_KEY is."""
    return str(_serializer(secret_keys()).dumps([tenant, jar_id]))


def read(token: str | None, tenant: str) -> str | None:
    """The id of the jar that a token of this tenant names; None for no token, junk, or one of somebody else's."""
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
    # The last of its keys signs, and any of them reads. Its own default of a digest is SHA-1.
    return URLSafeSerializer(
        [derived_key(key, "visitor-token") for key in reversed(secret_keys)],
        salt="visitor-token",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
