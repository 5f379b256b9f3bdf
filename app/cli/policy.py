"""`python -m app policy …`: the numbers that identity resolution depends on, as they are for a tenant."""

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.table import Table

import migrations
from app.cli.connection import open_database
from app.cli.group import Group
from app.config import Settings
from app.services import tenants as service
from graph.database import Database
from graph.rules.policy import Policy, meanings, range_of


@click.group(cls=Group)
def policy() -> None:
    """Show and change the numbers that identity resolution depends on."""


@policy.command()
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def show(tenant: str, *, as_json: bool) -> None:
    """Print every field as it is for a tenant; those that were set are marked."""
    with _database() as database:
        ours = dataclasses.asdict(service.policy(database, tenant))
    if as_json:
        click.echo(json.dumps(ours))
        return
    table = Table("field", "value", "range", "meaning", title=f"policy of {tenant}")
    for field in dataclasses.fields(Policy):
        limits = range_of(field.name)
        value = ours[field.name]
        table.add_row(
            field.name,
            f"{value} (set; else {field.default})" if value != field.default else str(value),
            f"{limits[0]:g} to {limits[1]:g}" if limits else "",
            meanings()[field.name],
        )
    # Without a terminal whole lines, so that they can be searched.
    console = Console(soft_wrap=True) if not os.isatty(1) else Console()
    console.print(table)


@policy.command("set")
@click.argument("tenant")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
def set_fields(tenant: str, fields: tuple[str, ...]) -> None:
    """Change fields for a tenant, in force within ten seconds, as in `policy set my-shop address_crowd=50`."""
    changes: dict[str, Any] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise click.BadParameter(f"{field} is no FIELD=VALUE", param_hint="FIELD=VALUE")
        try:
            changes[name] = json.loads(value)
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
    """Give fields their defaults again."""
    defaults = {field.name: field.default for field in dataclasses.fields(Policy)}
    unknown = sorted(set(names) - defaults.keys())
    if unknown:
        raise click.BadParameter(f"the policy has no field {', '.join(unknown)}", param_hint="FIELD")
    with _database() as database:
        service.configure(database, tenant, {}, dict.fromkeys(names))
    click.echo(f"as by default for {tenant}: {', '.join(names)}")


@contextmanager
def _database() -> Iterator[Database]:
    database = open_database(Settings.from_environment(os.environ))
    try:
        migrations.check_schema(database)
        yield database
    finally:
        database.close()
