"""Add, list and revoke the keys with which a tenant's servers sign user ids."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from graph.acts.tenants import NOTE_SECONDS, existing, locked
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules import signing_keys as rules
from graph.rules.signing_keys import KEY_ID, PUBLIC_KEYS_MAX, SECRETS_MAX, Algorithm, SigningKey
from graph.rules.times import BEGINNING
from graph.store import tenants as store
from graph.store.tenants import TenantRow
from graph.transaction import Transaction


def signing_keys(database: Database, tenant: str) -> tuple[SigningKey, ...]:
    """Return a tenant's signing keys, oldest first, revoked ones included; raise `NotFound` (tenant_not_found)."""
    return database.of(tenant).read(_read)


def newest_secret(database: Database, tenant: str, *, secret_key: str) -> str:
    """Return the newest signing secret of a tenant that is not revoked; raise `NotFound` (tenant_not_found)."""
    return rules.signing_secret(secret_key, tenant, _live_secrets(signing_keys(database, tenant))[-1].key_id)


def add_secret(database: Database, tenant: str, *, secret_key: str, now: datetime) -> tuple[str, str]:
    """Give a tenant a second signing secret, and return its id and the secret.

    Raises:
        NotFound: There is no such tenant (tenant_not_found).
        Refused: Two secrets are live already (too_many_signing_keys).
    """
    key = SigningKey(secrets.token_hex(6), now)
    database.of(tenant).write(_add, key)
    return key.key_id, rules.signing_secret(secret_key, tenant, key.key_id)


def add_public_key(
    database: Database, tenant: str, public_key: str, algorithm: Algorithm, *, key_id: str | None, now: datetime
) -> str:
    """Let a tenant's servers sign with the private key of this public key (PEM); return its id, a new one unless given.

    Raises:
        ValueError: No key can have this id.
        NotFound: There is no such tenant (tenant_not_found).
        Refused: The tenant has or had a key of this id (signing_key_exists), or has ten live ones (too_many_signing_keys).
    """
    if key_id is not None and not KEY_ID.fullmatch(key_id):
        raise ValueError(f"{key_id!r} is no id of a key: 1 to 128 letters, digits and signs of ASCII, without blanks")
    key = SigningKey(key_id or secrets.token_hex(6), now, algorithm=algorithm, public_key=public_key)
    database.of(tenant).write(_add, key)
    return key.key_id


def revoke(database: Database, tenant: str, key_id: str, *, now: datetime) -> None:
    """Revoke a signing key; every process refuses its signatures within ten seconds.

    Raises:
        NotFound: There is no such tenant (tenant_not_found) or key (signing_key_not_found).
        Refused: It is the tenant's only live secret (last_signing_secret).
    """
    database.of(tenant).write(_revoke, key_id, now)


def note_use(database: Database, tenant: str, key_id: str, hour: datetime) -> None:
    """Keep in which hour a signing key proved a user id, unless this hour or a later one is kept already."""
    database.of(tenant).write_within(NOTE_SECONDS, _note_use, key_id, hour)


def _add(tx: Transaction, key: SigningKey) -> None:
    keys = _locked(tx)
    if key.key_id in {old.key_id for old in keys}:
        raise Refused(f"tenant {tx.tenant} has or had a signing key {key.key_id}", code="signing_key_exists")
    alike = [old for old in keys if old.is_live and old.is_secret == key.is_secret]
    if len(alike) >= (SECRETS_MAX if key.is_secret else PUBLIC_KEYS_MAX):
        kind = "signing secrets" if key.is_secret else "public keys"
        why = f"tenant {tx.tenant} has {len(alike)} {kind}, {' and '.join(old.key_id for old in alike)}"
        raise Refused(f"{why}: revoke one of them first", code="too_many_signing_keys")
    store.keep_signing_keys(tx, signing_keys=rules.to_json([*keys, key]))


def _revoke(tx: Transaction, key_id: str, now: datetime) -> None:
    keys = _locked(tx)
    found = next((key for key in keys if key.key_id == key_id), None)
    if found is None:
        raise NotFound(f"tenant {tx.tenant} has no signing key {key_id}", code="signing_key_not_found")
    if not found.is_live:
        return
    if _live_secrets(keys) == [found]:
        why = f"{key_id} is the only signing secret of tenant {tx.tenant}: add another one first"
        raise Refused(why, code="last_signing_secret")
    left = [replace(key, revoked_at=now) if key == found else key for key in keys]
    store.keep_signing_keys(tx, signing_keys=rules.to_json(left))


def _note_use(tx: Transaction, key_id: str, hour: datetime) -> None:
    keys = _locked(tx)
    noted = [
        replace(key, last_used_at=hour) if key.key_id == key_id and (key.last_used_at or BEGINNING) < hour else key
        for key in keys
    ]
    if noted != list(keys):
        store.keep_signing_keys(tx, signing_keys=rules.to_json(noted))


def _live_secrets(keys: Iterable[SigningKey]) -> list[SigningKey]:
    return [key for key in keys if key.is_live and key.is_secret]


def _read(tx: Transaction) -> tuple[SigningKey, ...]:
    return _of(existing(tx))


def _locked(tx: Transaction) -> tuple[SigningKey, ...]:
    return _of(locked(tx))


def _of(row: TenantRow) -> tuple[SigningKey, ...]:
    return rules.from_json(row.signing_keys, row.created_at)
