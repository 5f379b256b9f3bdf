"""`python -m app policy …`: show and change the numbers that a tenant's identity resolution depends on."""

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

import migrations
from app.cli.connection import open_database
from app.cli.group import Group
from app.cli.rows import as_table
from app.config import Settings
from graph.acts import tenants as service
from graph.database import Database
from graph.rules.policy import CHOICES, Policy, meanings, range_of


@click.group(cls=Group)
def policy() -> None:
    """Show and change the numbers that identity resolution depends on."""


@policy.command()
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def show(tenant: str, *, as_json: bool) -> None:
    """Print every field's value for a tenant, its default if that differs, its range and its meaning."""
    with _database() as database:
        ours = dataclasses.asdict(service.policy(database, tenant))
    if as_json:
        click.echo(json.dumps(ours))
        return
    said = meanings()
    rows = [
        {
            "field": field.name,
            "value": str(ours[field.name]),
            "default": "" if ours[field.name] == field.default else str(field.default),
            "range": _range(field.name),
            "meaning": said[field.name],
        }
        for field in dataclasses.fields(Policy)
    ]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(as_table(tuple(rows[0]), rows, width=width))


@policy.command("set")
@click.argument("tenant")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
def set_fields(tenant: str, fields: tuple[str, ...]) -> None:
    """Change fields for a tenant, such as `policy set my-shop address_crowd=50`; they take effect within ten seconds."""
    changes: dict[str, Any] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise click.BadParameter(f"{field} is no FIELD=VALUE", param_hint="FIELD=VALUE")
        try:
            changes[name] = value if name in CHOICES else json.loads(value)
        except ValueError as error:
            raise click.BadParameter(
                f"{name} is a number, true, false or a JSON list of texts, not {value}", param_hint="FIELD=VALUE"
            ) from error
    with _database() as database:
        try:
            service.configure(database, tenant, {}, changes)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="FIELD=VALUE") from error
    click.echo(f"set for {tenant}: {', '.join(changes)}")


@policy.command()
@click.argument("tenant")
@click.argument("names", nargs=-1, required=True, metavar="FIELD...")
def reset(tenant: str, names: tuple[str, ...]) -> None:
    """Reset fields to their defaults."""
    defaults = {field.name: field.default for field in dataclasses.fields(Policy)}
    unknown = sorted(set(names) - defaults.keys())
    if unknown:
        raise click.BadParameter(f"the policy has no field {', '.join(unknown)}", param_hint="FIELD")
    with _database() as database:
        service.configure(database, tenant, {}, dict.fromkeys(names))
    click.echo(f"as by default for {tenant}: {', '.join(names)}")


def _range(field: str) -> str:
    limits = range_of(field)
    return "{:g} to {:g}".format(*limits) if limits else " or ".join(CHOICES.get(field, ()))


@contextmanager
def _database() -> Iterator[Database]:
    database = open_database(Settings.from_environment(os.environ))
    try:
        migrations.check_schema(database)
        yield database
    finally:
        database.close()
