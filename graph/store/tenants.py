"""Tenants and the hashes of their keys."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class TenantRow:
    """A tenant; `settings` and `policy` are JSON text of what differs from the defaults, `signing_keys` of all of them."""

    tenant: str
    name: str
    created_at: datetime
    settings: str
    policy: str
    signing_keys: str | None = None


@dataclass(frozen=True)
class FoundKey:
    """A key that is not revoked, with its tenant's settings, policy and signing keys as JSON text."""

    tenant: str
    key_id: str
    kind: str
    last_used_at: datetime | None
    tenant_since: datetime
    settings: str
    policy: str
    signing_keys: str | None


@dataclass(frozen=True)
class KeyRow:
    """A key as listed, without the key itself or its hash."""

    key_id: str
    kind: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class _Tenant:
    tenant: str


@dataclass(frozen=True)
class _Key:
    key_id: str


find = query("tenants/find", TenantRow)
lock = query("tenants/lock", TenantRow)
keep_signing_keys = query("tenants/keep_signing_keys", Nothing)
tenants = query("tenants/list", TenantRow)
_create = query("tenants/create", Nothing)
_configure = query("tenants/configure", _Tenant)
find_key = query("tenants/find_key", FoundKey)
add_key = query("tenants/add_key", Nothing)
keys = query("tenants/keys", KeyRow)
note_use = query("tenants/note_use", Nothing)
_revoke_key = query("tenants/revoke_key", _Key)


def create(tx: Transaction, row: TenantRow) -> None:
    _create(tx, name=row.name, created_at=row.created_at, settings=row.settings, policy=row.policy)


def configure(tx: Transaction, *, settings: str, policy: str) -> bool:
    """Replace a tenant's settings and policy; return False if there is no such tenant."""
    return bool(_configure(tx, settings=settings, policy=policy))


def revoke_key(tx: Transaction, *, key_id: str, revoked_at: datetime) -> bool:
    """Revoke a key; return False if the tenant has no key with this id."""
    return bool(_revoke_key(tx, key_id=key_id, revoked_at=revoked_at))
