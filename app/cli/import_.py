"""`python -m app import …`: import events from a file, as calls would have brought them."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

import migrations
from app.cli.connection import connect
from app.cli.group import Group
from app.config import Settings
from app.imports import calls
from app.imports.checkpoint import Checkpoint
from app.imports.rows import FILE_TYPES, FileType, Limits, Source, type_of
from app.imports.run import Import
from app.schemas.imported import SHAPES
from graph.errors import GraphTimeout, GraphUnavailable

#: Stands for the standard input, as in other commands.
STDIN = "-"


@click.group("import", cls=Group)
def import_() -> None:
    """Import data from files."""


@import_.command()
@click.argument("tenant")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=str))
@click.option(
    "--format", "shape", type=click.Choice(list(SHAPES)), help="The shape of all rows; else each shows its own."
)
@click.option(
    "--file-type",
    type=click.Choice(sorted(set(FILE_TYPES.values()))),
    help="The type of the file, if its name does not tell; of the standard input jsonl.",
)
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to keep how far the import is; by default FILE.checkpoint.json, and for the standard input nowhere.",
)
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to append the rows that are rejected; by default FILE.TENANT.rejected.jsonl.",
)
@click.option("--anew", is_flag=True, help="Begin anew, also if an earlier run was cut off.")
def events(
    tenant: str,
    file: str,
    *,
    shape: str | None,
    file_type: str | None,
    checkpoint: Path | None,
    rejected: Path | None,
    anew: bool,
) -> None:
    """Import events from FILE, or from the standard input if it is -; exit code 1 if a row was rejected.

    A row is an item of a batch, a message of Segment's, or an event of PostHog's. It keeps its time, its address and its
    browser. A run that was cut off goes on where it was, if it is started in the same way.
    """
    path = None if file == STDIN else Path(file)
    if path is not None and not path.is_file():
        raise click.BadParameter(f"there is no file {file}", param_hint="FILE")
    settings = Settings.from_environment(os.environ)
    asked = Import(
        Source(
            path,
            _type(path, file_type),
            Limits(settings.max_body_bytes, settings.max_depth_levels, settings.max_object_keys),
            stream=sys.stdin.buffer,
        ),
        tenant,
        shape,
        checkpoint or (path.with_name(f"{path.name}.checkpoint.json") if path is not None else None),
        rejected or (path.parent if path else Path()) / f"{path.name if path else 'stdin'}.{tenant}.rejected.jsonl",
        anew,
    )
    try:
        begun, ended = _run(settings, asked)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror or error}") from error
    except (GraphUnavailable, GraphTimeout) as error:
        raise click.ClickException(f"{error.message}; the same command goes on where it was") from error
    if begun is not None and ended == begun:
        click.echo(f"nothing new after line {ended.line}")
        return
    of_run = _less(ended, begun) if begun is not None else ended
    click.echo(_counts(of_run))
    if begun is not None:
        click.echo(f"with the runs before: {_counts(ended)}", err=True)
    # Nobody was told what a run rejected that was cut off.
    was_cut_off = begun is not None and begun.rejected_bytes is not None
    if of_run.rejected or (was_cut_off and ended.rejected):
        click.echo(f"what to change in each rejected row: {asked.rejected}", err=True)
        sys.exit(1)


def _less(ended: Checkpoint, begun: Checkpoint) -> Checkpoint:
    return replace(
        ended,
        imported=ended.imported - begun.imported,
        repeated=ended.repeated - begun.repeated,
        rejected=ended.rejected - begun.rejected,
    )


def _counts(of: Checkpoint) -> str:
    return f"{of.imported - of.repeated} imported, {of.repeated} there already, {of.rejected} rejected"


def _type(path: Path | None, file_type: str | None) -> FileType:
    found = file_type or ("jsonl" if path is None else type_of(path))
    if found is None:
        raise click.BadParameter(
            "the name does not tell the type of the file: name it with --file-type", param_hint="FILE"
        )
    return cast("FileType", found)


def _run(settings: Settings, asked: Import) -> tuple[Checkpoint | None, Checkpoint]:
    """Run an import; return how far an earlier run came, and how this one ended."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows, {task.fields[rejected]} rejected"),
        TimeRemainingColumn(),
    )
    with connect() as database, Progress(*columns, console=Console(stderr=True)) as bar:
        migrations.check_schema(database)
        made = calls.Calls(settings, database, asked.tenant, calls.now)
        place = asked.begin()
        if place is not None:
            bar.console.print(f"it goes on after line {place.line}, where an earlier run was")
        task = bar.add_task("events", total=None, rows=0, rejected=0)

        def tell(so_far: Checkpoint) -> None:
            source = asked.source
            bar.update(
                task,
                completed=source.read,
                total=source.size,
                rows=so_far.imported + so_far.rejected,
                rejected=so_far.rejected,
            )

        return place, asked.run(made, place, tell)
