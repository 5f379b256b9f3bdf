"""Make tenants and their keys, set what differs for one, and find the tenant a key belongs to."""

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, Self, cast

from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules.keys import derived_key
from graph.rules.policy import Policy
from graph.store import tenants as store
from graph.store.tenants import KeyRow, TenantRow
from graph.transaction import Transaction

Kind = Literal["write", "secret"]

#: A key says by its beginning what it is, so that a secret one is noticed where it does not belong.
PREFIXES: Mapping[Kind, str] = {"write": "wk_", "secret": "sk_"}
#: A name that can stand in a URL, a file name and a log line as it is.
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ADDRESS_FORMS = ("full", "truncated", "keyed")
VERIFICATIONS = ("off", "verify", "enforce")


@dataclass(frozen=True)
class TenantSettings:
    """What a tenant decides at the door; its numbers are in its policy."""

    #: Origins whose pages may call with a write key; `*` is any.
    allowed_origins: tuple[str, ...] = ("*",)
    #: How addresses are kept: full, truncated (/24, /48), or keyed (a hash nobody without SECRET_KEY can try out).
    addresses: Literal["full", "truncated", "keyed"] = "full"
    #: What becomes of a page's user ids: signatures are not looked at, checked where they are sent, or demanded.
    identify_verification: Literal["off", "verify", "enforce"] = "verify"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what was stored; fields of another version are left out."""
        known = {field.name for field in fields(cls)}
        stored = {name: value for name, value in json.loads(text).items() if name in known}
        if "allowed_origins" in stored:
            stored["allowed_origins"] = tuple(stored["allowed_origins"])
        return cls(**stored)

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may call."""
        return "*" in self.allowed_origins or origin.lower() in self.allowed_origins


@dataclass(frozen=True)
class TenantKeys:
    """The keys of a new tenant, in clear: shown once, kept only as hashes, but for the signing secret, which is derived."""

    tenant_id: str
    write_key: str
    secret_key: str
    signing_secret: str


@dataclass(frozen=True)
class Key:
    """A key in force, and its tenant's settings and policy."""

    tenant: str
    key_id: str
    kind: Kind
    settings: TenantSettings
    policy: Policy


def create_tenant(
    database: Database, name: str, *, secret_key: str, now: datetime, settings: TenantSettings | None = None
) -> TenantKeys:
    """Make a tenant with one write key and one secret key; raises `Refused` (tenant_exists) if its id is taken."""
    tenant = tenant_id(name)
    row = TenantRow(tenant, name, now, settings=_to_json(settings or TenantSettings()), policy="{}")
    write, secret = _new_key("write"), _new_key("secret")
    database.of(tenant).write(_create, row, [write, secret], now)
    return TenantKeys(tenant, write.key, secret.key, signing_secret(secret_key, tenant))


def tenants(database: Database) -> list[TenantRow]:
    """All tenants, by id."""
    return database.read(store.tenants)


def tenant(database: Database, tenant: str) -> TenantRow:
    """One tenant; raises `NotFound` (tenant_not_found)."""
    return database.of(tenant).read(_existing)


def configure(database: Database, tenant: str, changes: Mapping[str, Any], policy: Mapping[str, Any]) -> TenantSettings:
    """Change some of a tenant's settings and fields of its policy; a field that is None has its default again.

    Raises `NotFound` (tenant_not_found), or `ValueError` naming a field the policy lacks or a value it cannot have.
    """
    return database.of(tenant).write(_configure, changes, policy)


def policy(database: Database, tenant: str) -> Policy:
    """The policy of a tenant; raises `NotFound` (tenant_not_found)."""
    return Policy().with_overrides(json.loads(database.of(tenant).read(_existing).policy))


def add_key(database: Database, tenant: str, kind: Kind, *, now: datetime) -> tuple[str, str]:
    """Give a tenant one more key and return its id and the key; raises `NotFound` (tenant_not_found)."""
    new = _new_key(kind)
    database.of(tenant).write(_add_key, new, now)
    return new.key_id, new.key


def keys(database: Database, tenant: str) -> list[KeyRow]:
    """A tenant's keys, revoked ones too; raises `NotFound` (tenant_not_found)."""
    return database.of(tenant).read(_keys)


def revoke_key(database: Database, tenant: str, key_id: str, *, now: datetime) -> None:
    """Close a key, in force everywhere within ten seconds; raises `NotFound` (key_not_found)."""
    if not database.of(tenant).write(store.revoke_key, key_id=key_id, revoked_at=now):
        raise NotFound(f"tenant {tenant} has no key {key_id}", code="key_not_found")


def find_key(database: Database, key_hash: str) -> Key | None:
    """The key in force that has this hash, with its tenant's settings and policy."""
    found = database.read(store.find_key.one_or_none, key_hash=key_hash)
    if found is None:
        return None
    return Key(
        found.tenant,
        found.key_id,
        cast("Kind", found.kind),
        TenantSettings.from_json(found.settings),
        Policy().with_overrides(json.loads(found.policy)),
    )


def key_hash(key: str) -> str:
    """What is kept of a key: it is 192 bits of chance, so a plain hash cannot be tried out."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def signing_secret(secret_key: str, tenant: str) -> str:
    """The secret with which a tenant's servers sign user ids, as text of 64 hex digits."""
    return derived_key(secret_key, f"signing-secret {tenant}").hex()


def tenant_id(name: str) -> str:
    """The name itself where it can stand in a URL, else letters, digits and dashes made of it."""
    if SANE.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or f"tenant-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class _NewKey:
    key_id: str
    key: str
    kind: Kind


def _new_key(kind: Kind) -> _NewKey:
    return _NewKey(secrets.token_hex(6), PREFIXES[kind] + secrets.token_urlsafe(24), kind)


def _create(tx: Transaction, row: TenantRow, keys: list[_NewKey], now: datetime) -> None:
    existing = store.find.one_or_none(tx)
    if existing is not None:
        raise Refused(f"there is a tenant {row.tenant} already, named {existing.name}", code="tenant_exists")
    store.create(tx, row)
    for key in keys:
        _store_key(tx, key, now)


def _configure(tx: Transaction, changes: Mapping[str, Any], policy: Mapping[str, Any]) -> TenantSettings:
    row = _existing(tx)
    settings = replace(TenantSettings.from_json(row.settings), **changes)
    changed = {**json.loads(row.policy), **policy}
    overrides = {name: value for name, value in changed.items() if value is not None}
    Policy().with_overrides(overrides)
    store.configure(tx, settings=_to_json(settings), policy=json.dumps(overrides, sort_keys=True))
    return settings


def _add_key(tx: Transaction, key: _NewKey, now: datetime) -> None:
    _existing(tx)
    _store_key(tx, key, now)


def _keys(tx: Transaction) -> list[KeyRow]:
    _existing(tx)
    return store.keys(tx)


def _existing(tx: Transaction) -> TenantRow:
    row = store.find.one_or_none(tx)
    if row is None:
        raise NotFound(f"there is no tenant {tx.tenant}", code="tenant_not_found")
    return row


def _store_key(tx: Transaction, key: _NewKey, now: datetime) -> None:
    store.add_key(tx, key_id=key.key_id, key_hash=key_hash(key.key), kind=key.kind, created_at=now)


def _to_json(settings: TenantSettings) -> str:
    defaults = asdict(TenantSettings())
    return json.dumps(
        {name: value for name, value in asdict(settings).items() if value != defaults[name]}, sort_keys=True
    )
