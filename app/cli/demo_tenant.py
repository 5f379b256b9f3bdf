"""Create the tenant `demo` at the first start, and keep its keys beside the data."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from graph.acts import signing_keys, tenants
from graph.acts.tenants import TenantKeys
from graph.database import Database
from graph.errors import Refused

TENANT = "demo"
FILE = "demo-tenant.json"


def keep(database: Database, data_dir: Path, *, secret_key: str, clock: Callable[[], datetime]) -> TenantKeys:
    """Return the keys in `DATA_DIR/demo-tenant.json` (mode 0600) if they still work; else make and keep new ones."""
    file = data_dir / FILE
    kept = _read(file)
    keys = kept if kept is not None and _open_it(database, kept) else _make(database, secret_key, clock())
    # SECRET_KEY, which the signing secret follows from, or the secret itself may have changed since the last start.
    keys = replace(keys, signing_secret=signing_keys.newest_secret(database, TENANT, secret_key=secret_key))
    _write(file, keys)
    return keys


def _make(database: Database, secret_key: str, now: datetime) -> TenantKeys:
    try:
        return tenants.create_tenant(database, TENANT, secret_key=secret_key, now=now)
    except Refused:
        # The tenant is older than this DATA_DIR. Its earlier keys, which others may use, keep working beside these.
        _, write = tenants.add_key(database, TENANT, "write", now=now)
        _, secret = tenants.add_key(database, TENANT, "secret", now=now)
        return TenantKeys(TENANT, write, secret, signing_keys.newest_secret(database, TENANT, secret_key=secret_key))


def _open_it(database: Database, keys: TenantKeys) -> bool:
    found = [tenants.find_key(database, tenants.key_hash(key)) for key in (keys.write_key, keys.secret_key)]
    return all(key is not None and key.tenant == TENANT for key in found)


def _read(file: Path) -> TenantKeys | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return TenantKeys(kept["tenantId"], kept["writeKey"], kept["secretKey"], kept["signingSecret"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _write(file: Path, keys: TenantKeys) -> None:
    kept = {
        "tenantId": keys.tenant_id,
        "writeKey": keys.write_key,
        "secretKey": keys.secret_key,
        "signingSecret": keys.signing_secret,
    }
    # A temporary file has mode 0600, and a rename is atomic.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{FILE}-", delete=False) as draft:
        json.dump(kept, draft, indent=2)
    Path(draft.name).replace(file)
