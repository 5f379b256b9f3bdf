"""`python -m app tenants …`: create tenants, change their settings, and add and revoke keys and signing keys."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import click

import migrations
from app import public_keys
from app.cli.connection import open_database
from app.cli.group import Group
from app.cli.terminal import new_id
from app.config import Settings, secret_key
from graph.acts import signing_keys as signing
from graph.acts import tenants as service
from graph.acts.tenants import ADDRESS_FORMS, EXPIRIES, VERIFICATIONS, KeyKind
from graph.database import Database
from graph.model import Change
from graph.rules import origins
from graph.rules.signing_keys import SigningKey
from graph.store.tenants import KeyRow


@click.group(cls=Group)
def tenants() -> None:
    """Create tenants, and manage their settings and keys."""


@tenants.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def create(name: str, *, as_json: bool) -> None:
    """Create a tenant and print its keys, which are shown only now."""
    if not name.strip():
        raise click.BadParameter("the name is blank", param_hint="NAME")
    settings = Settings.from_environment(os.environ)
    with _database(settings) as database:
        made = service.create_tenant(database, name, secret_key=secret_key(settings), now=datetime.now(UTC))
    _print(
        {
            "tenantId": made.tenant_id,
            "writeKey": made.write_key,
            "secretKey": made.secret_key,
            "signingSecret": made.signing_secret,
        },
        as_json=as_json,
    )


@tenants.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array and nothing else.")
def list_tenants(*, as_json: bool) -> None:
    """Print all tenants."""
    with _database(Settings.from_environment(os.environ)) as database:
        rows = service.tenants(database)
    if as_json:
        click.echo(
            json.dumps(
                [{"tenantId": row.tenant, "name": row.name, "createdAt": _time(row.created_at)} for row in rows],
            )
        )
        return
    for row in rows:
        click.echo(f"{row.tenant}\t{row.name}\t{_time(row.created_at)}")


def _normalised(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(map(origins.normalise, given))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@tenants.command()
@click.argument("tenant")
@click.option(
    "--allowed-origin",
    "allowed",
    multiple=True,
    callback=_normalised,
    help="An origin whose pages may call, such as https://shop.example or https://*.shop.example, or *; repeatable.",
)
@click.option("--addresses", type=click.Choice(ADDRESS_FORMS), help="How addresses are kept.")
@click.option(
    "--identify-verification", type=click.Choice(VERIFICATIONS), help="Whether pages need a signature of a user id."
)
@click.option("--user-hash-expiry", type=click.Choice(EXPIRIES), help="Whether a userHash has to say when it ends.")
@click.option("--token-audience", help="The aud that a userToken has to have; an empty text takes the setting back.")
@click.option("--token-issuer", help="The iss that a userToken has to have; an empty text takes the setting back.")
@click.option("--policy", default="{}", help="JSON object of policy fields to override for this tenant.")
def configure(tenant: str, allowed: tuple[str, ...], policy: str, **chosen: str | None) -> None:
    """Change settings of a tenant; they take effect within ten seconds."""
    changes: dict[str, Any] = {name: value or None for name, value in chosen.items() if value is not None}
    if allowed:
        changes["allowed_origins"] = allowed
    with _database(Settings.from_environment(os.environ)) as database:
        try:
            change = Change(f"chg_{new_id()}", datetime.now(UTC), "job:tenants")
            service.configure(database, tenant, changes, json.loads(policy), change)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--policy") from error


@tenants.command("signing-secret")
@click.argument("tenant")
def print_signing_secret(tenant: str) -> None:
    """Print the newest secret with which a tenant's servers sign user ids; it follows from SECRET_KEY."""
    settings = Settings.from_environment(os.environ)
    with _database(settings) as database:
        click.echo(signing.newest_secret(database, tenant, secret_key=secret_key(settings)))


@tenants.group("signing-keys", cls=Group)
def signing_keys() -> None:
    """Add and revoke the keys with which a tenant's servers sign user ids."""


@signing_keys.command("list")
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array and nothing else.")
def list_signing_keys(tenant: str, *, as_json: bool) -> None:
    """Print the ids of a tenant's signing keys, and when each was added, revoked and last used; no secret is printed."""
    with _database(Settings.from_environment(os.environ)) as database:
        rows = signing.signing_keys(database, tenant)
    _list([(row, row.algorithm) for row in rows], "algorithm", as_json=as_json)


@signing_keys.command("add")
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def add_signing_secret(tenant: str, *, as_json: bool) -> None:
    """Add a second signing secret and print it; signatures by the first one stay valid until it is revoked."""
    settings = Settings.from_environment(os.environ)
    with _database(settings) as database:
        key_id, secret = signing.add_secret(database, tenant, secret_key=secret_key(settings), now=datetime.now(UTC))
    _print({"keyId": key_id, "signingSecret": secret}, as_json=as_json)


@signing_keys.command("add-public-key")
@click.argument("tenant")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--key-id", help="What tokens have as kid; else the kid of a JWK, or an id that is made.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def add_public_key(tenant: str, file: TextIO, key_id: str | None, *, as_json: bool) -> None:
    """Add a public key, PEM or JWK, whose private key signs a userToken by ES256 or EdDSA; FILE may be -."""
    try:
        key = public_keys.read(file.read())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="FILE") from error
    with _database(Settings.from_environment(os.environ)) as database:
        try:
            added = signing.add_public_key(
                database, tenant, key.pem, key.algorithm, key_id=key_id or key.key_id, now=datetime.now(UTC)
            )
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--key-id") from error
    _print({"keyId": added, "algorithm": key.algorithm}, as_json=as_json)


@signing_keys.command("revoke")
@click.argument("tenant")
@click.argument("key_id")
def revoke_signing_key(tenant: str, key_id: str) -> None:
    """Revoke a signing key; every process refuses its signatures within ten seconds."""
    with _database(Settings.from_environment(os.environ)) as database:
        signing.revoke(database, tenant, key_id, now=datetime.now(UTC))
    click.echo(f"{key_id} is revoked")


@tenants.group(cls=Group)
def keys() -> None:
    """Add and revoke keys."""


@keys.command("list")
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array and nothing else.")
def list_keys(tenant: str, *, as_json: bool) -> None:
    """Print the ids of a tenant's keys, when each was created or revoked, and in which hour it was last used."""
    with _database(Settings.from_environment(os.environ)) as database:
        rows = service.keys(database, tenant)
    _list([(row, row.kind) for row in rows], "kind", as_json=as_json)


@keys.command()
@click.argument("tenant")
@click.argument("kind", type=click.Choice(["write", "secret"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def add(tenant: str, kind: KeyKind, *, as_json: bool) -> None:
    """Add a key to a tenant and print it; it is shown only now."""
    with _database(Settings.from_environment(os.environ)) as database:
        key_id, key = service.add_key(database, tenant, kind, now=datetime.now(UTC))
    _print({"keyId": key_id, f"{kind}Key": key}, as_json=as_json)


@keys.command()
@click.argument("tenant")
@click.argument("key_id")
def revoke(tenant: str, key_id: str) -> None:
    """Revoke a key; every process refuses it within ten seconds."""
    with _database(Settings.from_environment(os.environ)) as database:
        service.revoke_key(database, tenant, key_id, now=datetime.now(UTC))
    click.echo(f"{key_id} is revoked")


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """Open the database of this command and check its constraints, without which two tenants could get one id."""
    database = open_database(settings)
    try:
        migrations.check_schema(database)
        yield database
    finally:
        database.close()


def _print(values: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(values))
        return
    for name, value in values.items():
        click.echo(f"{name}: {value}")


def _list(rows: Sequence[tuple[KeyRow | SigningKey, str]], name: str, *, as_json: bool) -> None:
    """Print keys, each with what `name` calls: its kind or its algorithm."""
    if as_json:
        click.echo(json.dumps([{"keyId": row.key_id, name: value, **_life(row)} for row, value in rows]))
        return
    for row, value in rows:
        click.echo(f"{row.key_id}\t{value}\t{_state(row)}")


def _state(row: KeyRow | SigningKey) -> str:
    since = f"revoked {_time(row.revoked_at)}" if row.revoked_at else f"since {_time(row.created_at)}"
    return since + (f"\tlast used {_time(row.last_used_at)}" if row.last_used_at else "\tnever used")


def _life(row: KeyRow | SigningKey) -> dict[str, str | None]:
    return {
        "createdAt": _time(row.created_at),
        "revokedAt": _time(row.revoked_at) if row.revoked_at else None,
        "lastUsedAt": _time(row.last_used_at) if row.last_used_at else None,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
