"""`python -m app tombstones …`: keep the tombstones of erased persons beside backups."""

import json
from datetime import datetime
from typing import IO

import click

from app.cli.connection import secret_keys
from app.cli.erase import run
from app.cli.group import Group
from app.cli.terminal import open_terminal
from app.cli.whose import Subject
from app.context import hashing_of
from app.schemas.wire import wire_time
from graph.acts import tombstones as service
from graph.rules.tombstones import Tombstone


@click.group(cls=Group)
def tombstones() -> None:
    """Keep the tombstones of erased persons beside backups, and erase again who came back with one."""


@tombstones.command("list")
@click.argument("tenant")
def list_tombstones(tenant: str) -> None:
    """Print all tombstones as JSON lines: hashes and times, without names."""
    with open_terminal(tenant, "tombstones") as terminal:
        for kept in service.kept(terminal.graph):
            click.echo(json.dumps({"hash": kept.hash, "at": wire_time(kept.at)}))


@tombstones.command()
@click.argument("tenant")
@click.argument("lines", type=click.File("r", encoding="utf-8", lazy=True))
def restore(tenant: str, lines: IO[str]) -> None:
    """Set the tombstones of a file again (- is stdin), and erase again who came back with a backup."""
    try:
        kept = [Tombstone(str(said["hash"]), datetime.fromisoformat(said["at"])) for said in map(json.loads, lines)]
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"this is no list of tombstones, as `tombstones list` prints it: {error}") from error
    hashing = hashing_of(secret_keys(), tenant)
    again = 0
    with open_terminal(tenant, "tombstones") as terminal:
        service.restore(terminal.graph, kept)
        for kind in ("user", "visitor"):
            # Each erasure changes the list, so it is read to its end first.
            for subject_id in list(service.came_back(terminal.graph, kind, hashing)):
                run(terminal, Subject(kind, subject_id), hashing)
                again += 1
    click.echo(f"{len(kept)} tombstones set, {again} erased again")
