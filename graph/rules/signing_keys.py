"""The keys by which a tenant's servers sign user ids.

A secret is derived from `SECRET_KEY`, and only its id is kept. Of a pair of keys, the public one is kept.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.rules.keys import derived_key

#: The id of the secret that every tenant has from the beginning.
FIRST = "first"
#: One secret in use, and one that replaces it.
SECRETS_MAX = 2
#: Several services may sign, each with a key in use and one that replaces it. A token without `kid` is tried with each.
PUBLIC_KEYS_MAX = 10
#: An id that stands unchanged in a list at a terminal.
KEY_ID = re.compile(r"[!-~]{1,128}")

#: What a key signs. HS256 is a secret, which signs each `userHash`, too.
Algorithm = Literal["HS256", "ES256", "EdDSA"]
#: How many revoked keys are kept to be listed; without a bound they would grow with every rotation.
REVOKED_KEPT = 20


@dataclass(frozen=True)
class SigningKey:
    """A key that signs user ids. A revoked key is listed and verifies nothing."""

    key_id: str
    created_at: datetime
    revoked_at: datetime | None = None
    algorithm: Algorithm = "HS256"
    #: As PEM; None for a secret.
    public_key: str | None = None
    #: The full hour in which a signature by this key last proved a user id.
    last_used_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether signatures by this key count."""
        return self.revoked_at is None

    @property
    def is_secret(self) -> bool:
        """Whether the service and the tenant's servers share this key."""
        return self.public_key is None


def signing_secret(secret_key: str, tenant: str, key_id: str = FIRST) -> str:
    """Return the secret with which a tenant's servers sign user ids, as text of 64 hex digits."""
    # A tenant's id has no blanks, so no two tenants and key ids have the same purpose.
    purpose = f"signing-secret {tenant}" if key_id == FIRST else f"signing-secret {tenant} {key_id}"
    return derived_key(secret_key, purpose).hex()


def from_json(text: str | None, tenant_since: datetime) -> tuple[SigningKey, ...]:
    """Read stored keys, the oldest first. A tenant that never changed them has the first secret."""
    if text is None:
        return (SigningKey(FIRST, tenant_since),)
    return tuple(
        SigningKey(
            key["key_id"],
            datetime.fromisoformat(key["created_at"]),
            _time(key.get("revoked_at")),
            key.get("algorithm", "HS256"),
            key.get("public_key"),
            _time(key.get("last_used_at")),
        )
        for key in json.loads(text)
    )


def to_json(keys: Iterable[SigningKey]) -> str:
    """Write keys to be stored, without the revoked ones that are not kept any more."""
    keys = sorted(keys, key=lambda key: key.created_at)
    revoked = sorted((key for key in keys if not key.is_live), key=lambda key: str(key.revoked_at))
    forgotten = set(revoked[:-REVOKED_KEPT])
    return json.dumps([_stored(key) for key in keys if key not in forgotten])


def _stored(key: SigningKey) -> dict[str, str]:
    stored = {"key_id": key.key_id, "created_at": key.created_at.isoformat()}
    if key.revoked_at is not None:
        stored["revoked_at"] = key.revoked_at.isoformat()
    if key.last_used_at is not None:
        stored["last_used_at"] = key.last_used_at.isoformat()
    if key.public_key is not None:
        stored |= {"algorithm": key.algorithm, "public_key": key.public_key}
    return stored


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
