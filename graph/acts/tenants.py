"""Create tenants and their keys, change a tenant's settings and policy, and find the tenant of a key."""

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, Self, cast

from graph.acts import audit
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.model import Change
from graph.rules import origins, signing_keys
from graph.rules.policy import Policy
from graph.rules.signing_keys import SigningKey, signing_secret
from graph.rules.times import BEGINNING, END, MILLISECOND
from graph.store import audit as trail
from graph.store import tenants as store
from graph.store.tenants import KeyRow, TenantRow
from graph.transaction import Transaction

KeyKind = Literal["write", "secret"]
#: What opens a call: a key, or the token of a link, which is kept nowhere.
Opens = KeyKind | Literal["read"]

#: The prefix names the kind of a key, so that a secret key is noticed where it does not belong.
PREFIXES: Mapping[KeyKind, str] = {"write": "wk_", "secret": "sk_"}
#: A name that can stand unchanged in a URL, a file name and a log line.
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: How long a call may wait for a note that a key was used, once in an hour.
NOTE_SECONDS = 1.0
#: What the audit trail calls a change of the policy.
POLICY = "policy"
ADDRESS_FORMS = ("full", "truncated", "keyed")
VERIFICATIONS = ("off", "verify", "enforce")
EXPIRIES = ("optional", "required")


@dataclass(frozen=True)
class TenantSettings:
    """A tenant's settings for the calls that it accepts; its numbers are in its policy."""

    #: The origins whose pages may call with a write key; `*` is any origin.
    allowed_origins: tuple[str, ...] = ("*",)
    #: How addresses are stored: full, truncated (/24, /48), or keyed: a hash that nobody can try out without SECRET_KEY.
    addresses: Literal["full", "truncated", "keyed"] = "full"
    #: Whether signatures of a page's user ids are ignored (off), checked if they are sent (verify), or required (enforce).
    identify_verification: Literal["off", "verify", "enforce"] = "verify"
    #: Whether a `userHash` has to say when it ends. One that does not holds until its signing secret is revoked.
    user_hash_expiry: Literal["optional", "required"] = "optional"
    #: What a `userToken` has to have as `aud` and as `iss`; None if it may have any `iss`, and no `aud`.
    token_audience: str | None = None
    token_issuer: str | None = None
    #: When all links to the explorer that were given out before were ended, as text of ISO 8601; None if they never were.
    links_ended_at: str | None = None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read stored settings; a field that only another version has is left out."""
        known = {field.name for field in fields(cls)}
        stored = {name: value for name, value in json.loads(text).items() if name in known}
        if "allowed_origins" in stored:
            stored["allowed_origins"] = tuple(stored["allowed_origins"])
        return cls(**stored)

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may call with a write key."""
        return origins.is_listed(origin, self.allowed_origins)

    def has_link_of(self, made: datetime) -> bool:
        """Whether a link to the explorer that was given out then was not ended since."""
        return self.links_ended_at is None or made > datetime.fromisoformat(self.links_ended_at)


@dataclass(frozen=True)
class TenantKeys:
    """The keys of a new tenant, in clear text. They are shown once and stored only as hashes.

    The signing secret is not stored at all, since it is derived from `SECRET_KEY`.
    """

    tenant_id: str
    write_key: str
    secret_key: str
    signing_secret: str


@dataclass(frozen=True)
class Key:
    """A key in force, and its tenant's settings, policy and live signing keys. Of a link's token, the id is the link's."""

    tenant: str
    key_id: str
    kind: Opens
    last_used_at: datetime | None
    settings: TenantSettings
    policy: Policy
    signing_keys: tuple[SigningKey, ...]


def create_tenant(
    database: Database, name: str, *, secret_key: str, now: datetime, settings: TenantSettings | None = None
) -> TenantKeys:
    """Create a tenant with one write key and one secret key; raise `Refused` (tenant_exists) if its id is taken."""
    tenant = tenant_id(name)
    row = TenantRow(tenant, name, now, settings=_to_json(settings or TenantSettings()), policy="{}")
    write, secret = _new_key("write"), _new_key("secret")
    database.of(tenant).write(_create, row, [write, secret], now)
    return TenantKeys(tenant, write.key, secret.key, signing_secret(secret_key, tenant))


def tenants(database: Database) -> list[TenantRow]:
    """Return all tenants, ordered by id."""
    return database.read(store.tenants)


def tenant(database: Database, tenant: str) -> TenantRow:
    """One tenant; raises `NotFound` (tenant_not_found)."""
    return database.of(tenant).read(existing)


def configure(
    database: Database,
    tenant: str,
    changes: Mapping[str, Any],
    policy: Mapping[str, Any],
    change: Change | None = None,
) -> TenantSettings:
    """Change some of a tenant's settings and some fields of its policy; None sets a field of the policy to its default.

    The audit trail of `tenant:ID` has the fields of the policy that a `change` changed.

    Raises:
        NotFound: There is no such tenant (tenant_not_found).
        ValueError: The policy has no such field, or the field cannot have this value; the message names it.
    """
    settings, _ = database.of(tenant).write(reconfigure, changes, policy, change)
    return settings


def undo(database: Database, tenant: str, change: Change) -> Mapping[str, Any]:
    """Take the latest change of a tenant's policy back, which may be an undoing itself; return the fields as they are then.

    Raises:
        NotFound: There is no such tenant (tenant_not_found), or no change of its policy (change_not_found).
        ValueError: The fields cannot have these values any more.
    """
    return database.of(tenant).write(_undo, change)


def policy(database: Database, tenant: str) -> Policy:
    """Return the policy of a tenant; raise `NotFound` (tenant_not_found) if there is no such tenant."""
    return Policy().with_overrides(json.loads(database.of(tenant).read(existing).policy))


def add_key(database: Database, tenant: str, kind: KeyKind, *, now: datetime) -> tuple[str, str]:
    """Create one more key for a tenant, and return its id and the key; raise `NotFound` (tenant_not_found)."""
    key = _new_key(kind)
    database.of(tenant).write(_add_key, key, now)
    return key.key_id, key.key


def keys(database: Database, tenant: str) -> list[KeyRow]:
    """Return a tenant's keys, including the revoked ones; raise `NotFound` (tenant_not_found)."""
    return database.of(tenant).read(_keys)


def revoke_key(database: Database, tenant: str, key_id: str, *, now: datetime) -> None:
    """Revoke a key; every process refuses it within ten seconds. Raise `NotFound` (key_not_found)."""
    if not database.of(tenant).write(store.revoke_key, key_id=key_id, revoked_at=now):
        raise NotFound(f"tenant {tenant} has no key {key_id}", code="key_not_found")


def find_key(database: Database, key_hash: str) -> Key | None:
    """Return the key with this hash, with its tenant's settings, policy and signing keys; None if there is none or it is revoked."""
    row = database.read(store.find_key.one_or_none, key_hash=key_hash)
    if row is None:
        return None
    return Key(
        row.tenant,
        row.key_id,
        cast("KeyKind", row.kind),
        row.last_used_at,
        TenantSettings.from_json(row.settings),
        Policy().with_overrides(json.loads(row.policy)),
        tuple(key for key in signing_keys.from_json(row.signing_keys, row.tenant_since) if key.is_live),
    )


def find_reader(database: Database, tenant: str) -> Key | None:
    """Return what reads a tenant's data by a link, without the link's id; None if there is no such tenant."""
    row = database.of(tenant).read(store.find.one_or_none)
    if row is None:
        return None
    policy = Policy().with_overrides(json.loads(row.policy))
    return Key(tenant, "", "read", None, TenantSettings.from_json(row.settings), policy, ())


def note_use(database: Database, key: Key, hour: datetime) -> None:
    """Keep in which hour a key was used, unless this hour is kept already: at most one write an hour for a key."""
    if key.last_used_at is None or key.last_used_at < hour:
        database.of(key.tenant).write_within(NOTE_SECONDS, store.note_use, key_id=key.key_id, hour=hour)


def key_hash(key: str) -> str:
    """Return the hash under which a key is stored. A plain hash is enough: a key has 192 random bits, too many to try."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def existing(tx: Transaction) -> TenantRow:
    """Return the transaction's tenant; raise `NotFound` (tenant_not_found) if there is no such tenant."""
    return _there(store.find.one_or_none(tx), tx.tenant)


def locked(tx: Transaction) -> TenantRow:
    """Return the transaction's tenant, which nobody else changes until it ends; raises as `existing`."""
    return _there(store.lock.one_or_none(tx), tx.tenant)


def tenant_id(name: str) -> str:
    """Return the name itself if it can stand in a URL, else an id of letters, digits and dashes made from it."""
    if SAFE_NAME.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or f"tenant-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class _NewKey:
    key_id: str
    key: str
    kind: KeyKind


def _new_key(kind: KeyKind) -> _NewKey:
    return _NewKey(secrets.token_hex(6), PREFIXES[kind] + secrets.token_urlsafe(24), kind)


def _create(tx: Transaction, row: TenantRow, keys: list[_NewKey], now: datetime) -> None:
    existing = store.find.one_or_none(tx)
    if existing is not None:
        raise Refused(f"there is a tenant {row.tenant} already, named {existing.name}", code="tenant_exists")
    store.create(tx, row)
    for key in keys:
        _store_key(tx, key, now)


def reconfigure(
    tx: Transaction, changes: Mapping[str, Any], policy: Mapping[str, Any], change: Change | None
) -> tuple[TenantSettings, Mapping[str, Any]]:
    """`configure` in a transaction; return the settings, and what the changed fields of the policy were before."""
    row = locked(tx)
    settings = replace(TenantSettings.from_json(row.settings), **changes)
    before = json.loads(row.policy)
    changed = {**before, **policy}
    overrides = {name: value for name, value in changed.items() if value is not None}
    Policy().with_overrides(overrides)
    store.configure(tx, settings=_to_json(settings), policy=json.dumps(overrides, sort_keys=True))
    was = {name: before.get(name) for name in sorted(policy) if before.get(name) != policy[name]}
    if change is not None and was:
        # The clocks of two terminals differ, and the latest change is the one that `undo` takes back.
        at = max([change.at, *(entry.at + MILLISECOND for entry in _latest(tx))])
        change = replace(change, at=at)
        is_now = {name: policy[name] for name in was}
        audit.record(tx, audit.Trace(change, (_subject(tx),), act=POLICY, before=was, after=is_now))
    return settings, was


def _undo(tx: Transaction, change: Change) -> Mapping[str, Any]:
    locked(tx)
    latest = _latest(tx)
    if not latest:
        raise NotFound("the policy was not changed yet, or before changes were kept", code="change_not_found")
    fields: Mapping[str, Any] = json.loads(latest[0].before or "{}")
    reconfigure(tx, {}, fields, change)
    return fields


def _latest(tx: Transaction) -> Sequence[trail.Entry]:
    return trail.page(tx, _subject(tx), since=BEGINNING, before=(END, ""), limit=1)


def _subject(tx: Transaction) -> str:
    return f"tenant:{tx.tenant}"


def _there(row: TenantRow | None, tenant: str) -> TenantRow:
    if row is None:
        raise NotFound(f"there is no tenant {tenant}", code="tenant_not_found")
    return row


def _add_key(tx: Transaction, key: _NewKey, now: datetime) -> None:
    existing(tx)
    _store_key(tx, key, now)


def _keys(tx: Transaction) -> list[KeyRow]:
    existing(tx)
    return store.keys(tx)


def _store_key(tx: Transaction, key: _NewKey, now: datetime) -> None:
    store.add_key(tx, key_id=key.key_id, key_hash=key_hash(key.key), kind=key.kind, created_at=now)


def _to_json(settings: TenantSettings) -> str:
    defaults = asdict(TenantSettings())
    return json.dumps(
        {name: value for name, value in asdict(settings).items() if value != defaults[name]}, sort_keys=True
    )
