"""`python -m app policy …`: show and change the numbers that a tenant's identity resolution depends on."""

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import migrations
from app.calls.policy import moved
from app.cli.connection import open_database
from app.cli.group import Group
from app.cli.progress import visitors
from app.cli.rows import as_table
from app.cli.terminal import as_json_option, new_id, reason_option, say_rows
from app.config import Settings
from app.schemas.policy import MoveSchema
from graph.acts import preview as previewing
from graph.acts import tenants as service
from graph.database import Database
from graph.model import Change
from graph.rules.policy import CHOICES, Policy, meanings, range_of
from graph.rules.previewing import CHANGES, JOINS, MOVES, MOVES_MAX, PARTS


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
@reason_option
def set_fields(tenant: str, fields: tuple[str, ...], *, reason: str | None) -> None:
    """Change fields for a tenant, such as `policy set my-shop address_crowd=50`; they take effect within ten seconds."""
    changes = _changes(fields, "FIELD=VALUE")
    with _database() as database:
        try:
            service.configure(database, tenant, {}, changes, _change(reason))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="FIELD=VALUE") from error
    click.echo(f"set for {tenant}: {', '.join(changes)}")


@policy.command()
@click.argument("tenant")
@click.argument("names", nargs=-1, required=True, metavar="FIELD...")
@reason_option
def reset(tenant: str, names: tuple[str, ...], *, reason: str | None) -> None:
    """Reset fields to their defaults."""
    defaults = {field.name: field.default for field in dataclasses.fields(Policy)}
    unknown = sorted(set(names) - defaults.keys())
    if unknown:
        raise click.BadParameter(f"the policy has no field {', '.join(unknown)}", param_hint="FIELD")
    with _database() as database:
        service.configure(database, tenant, {}, dict.fromkeys(names), _change(reason))
    click.echo(f"as by default for {tenant}: {', '.join(names)}")


@policy.command()
@click.argument("tenant")
@reason_option
def undo(tenant: str, *, reason: str | None) -> None:
    """Take the latest change back. To take an undoing back, undo again."""
    with _database() as database:
        try:
            fields = service.undo(database, tenant, _change(reason))
        except ValueError as error:
            raise click.ClickException(f"the policy cannot be as before: {error}") from error
    now = [f"{name}={'default' if value is None else json.dumps(value)}" for name, value in fields.items()]
    click.echo(f"as before for {tenant}: {', '.join(now)}")


@policy.command()
@click.argument("tenant")
@click.option("--set", "fields", multiple=True, required=True, metavar="FIELD=VALUE", help="A field; repeatable.")
@click.option(
    "--sample",
    type=click.FloatRange(0, 100, min_open=True),
    default=100.0,
    show_default=True,
    help="Look at so many percent of the visitors.",
)
@click.option("--limit", type=click.IntRange(0, MOVES_MAX), default=20, show_default=True, help="List so many at most.")
@as_json_option
def preview(tenant: str, fields: tuple[str, ...], *, sample: float, limit: int, as_json: bool) -> None:
    """Tell which visitors would join or leave a person with these fields. Nothing changes."""
    changes = _changes(fields, "--set")
    columns = TextColumn("visitors"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with _database() as database, Progress(*columns, console=Console(stderr=True)) as bar:
        before = service.policy(database, tenant)
        try:
            after = before.with_overrides(changes)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--set") from error
        task = bar.add_task("visitors", total=visitors(database, tenant))
        what_if = previewing.WhatIf(before, after, datetime.now(UTC), sample / 100)
        graph = database.of(tenant)
        found = previewing.act(graph, what_if, lambda so_far: bar.update(task, completed=so_far))
        listed = found.moves[:limit]
        moves = MoveSchema(many=True).dump(moved(listed, previewing.owners(graph, listed)))
    told = {
        "visitors": found.visitors,
        "looked_at": found.looked_at,
        "relationships": found.relationships,
        "fading_before": found.fading_before,
        "fading_after": found.fading_after,
    }
    counts = {change: found.changes[change] for change in CHANGES}
    if as_json:
        click.echo(json.dumps({**told, "counts": counts, "moves": moves}))
        return
    say_rows([{**told, **counts}])
    if moves:
        say_rows(moves)
    if more := sum(found.changes[change] for change in (JOINS, PARTS, MOVES)) - len(moves):
        click.echo(f"there are {more} more: --limit lists up to {MOVES_MAX}", err=True)
    if sample < 100:
        click.echo(f"these are of {sample:g} percent of the visitors", err=True)


def _change(reason: str | None) -> Change:
    return Change(f"chg_{new_id()}", datetime.now(UTC), "job:policy", reason)


def _changes(fields: Sequence[str], hint: str) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise click.BadParameter(f"{field} is no FIELD=VALUE", param_hint=hint)
        try:
            changes[name] = value if name in CHOICES else json.loads(value)
        except ValueError as error:
            raise click.BadParameter(
                f"{name} is a number, true, false or a JSON list of texts, not {value}", param_hint=hint
            ) from error
    return changes


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
