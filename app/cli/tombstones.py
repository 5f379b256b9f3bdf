"""`python -m app tombstones …`: keep the tombstones of erased persons beside backups."""

import json
from datetime import datetime

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
@click.argument("file", type=click.Path(allow_dash=True))
def restore(tenant: str, file: str) -> None:
    """Set the tombstones of a file again (- is stdin), and erase again who came back with a backup."""
    try:
        with click.open_file(file, encoding="utf-8") as lines:
            kept = [Tombstone(str(said["hash"]), datetime.fromisoformat(said["at"])) for said in map(json.loads, lines)]
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file} is no list as `tombstones list` prints it: {error}") from error
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
