"""`python -m app query NAME …`: run the analysts' queries; each is a file in cypher/analysis."""

import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from app import parquet as files
from app.cli.connection import connect
from app.cli.files import whole_file
from app.cli.group import Group
from app.cli.rows import as_table
from app.schemas.rows import as_csv as to_csv
from app.schemas.rows import as_json as to_json
from graph.store import analysis
from graph.store.analysis import Analysis

#: The default time limit. An analysis reads more than a request does.
SECONDS = 60.0


class Analyses(Group):
    """One command for each file in cypher/analysis."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(analysis.names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = cmd_name.replace("-", "_")
        return _command(analysis.find(name)) if name in analysis.names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            raise click.UsageError(f"there is no query {args[0]!r}: there are {', '.join(analysis.names())}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Analyses, invoke_without_command=True)
@click.pass_context
def query(ctx: click.Context) -> None:
    """Run one of the analysts' queries; without a name, list them."""
    if ctx.invoked_subcommand is None:
        for name in analysis.names():
            click.echo(f"{name:<20} {analysis.find(name).purpose}")
        click.echo("\n`python -m app query NAME --help` tells of a query's parameters and what comes back.")


def _command(asked: Analysis) -> click.Command:
    about = [
        f"{each.name}{'' if each.default is None else f' = {each.default!r}'}: {each.about}"
        for each in asked.parameters
    ]
    return click.Command(
        asked.name,
        callback=partial(_ask, asked),
        short_help=asked.purpose,
        help="\n\n".join(
            [asked.purpose, "\b\nParameters:\n  " + "\n  ".join(about), "\b\n" + "\n".join(asked.example)]
        ),
        params=[
            click.Option(["--param"], multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable."),
            click.Option(["--tenant"], default="demo", show_default=True, help="Whose graph."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print a JSON array and nothing else."),
            click.Option(["--csv", "as_csv"], is_flag=True, help="Print CSV and nothing else."),
            click.Option(
                ["--parquet"], type=click.Path(dir_okay=False, path_type=Path), help="Write a file of Parquet."
            ),
            click.Option(["--whole-ids"], is_flag=True, help="Print whole ids in the table."),
            click.Option(
                ["--seconds"],
                type=click.FloatRange(min=0, min_open=True),
                default=SECONDS,
                show_default=True,
                help="Give up after this many seconds.",
            ),
        ],
    )


def _ask(
    asked: Analysis,
    *,
    param: tuple[str, ...],
    tenant: str,
    as_json: bool,
    as_csv: bool,
    parquet: Path | None,
    whole_ids: bool,
    seconds: float,
) -> None:
    if as_json + as_csv + (parquet is not None) > 1:
        raise click.UsageError("one of --json and --csv, or --parquet")
    if parquet is not None:
        files.require()
    arguments = _arguments(asked, param, tenant)
    with connect() as database:
        rows = database.read_within(seconds, analysis.ask, asked, arguments)
    if parquet is not None:
        with whole_file(parquet) as file:
            files.write(file, asked.types, [rows])
        click.echo(f"{parquet}: {len(rows)} rows", err=True)
    elif as_json:
        click.echo(to_json(rows))
    elif as_csv:
        click.echo(to_csv(asked.columns, rows), nl=False)
    elif rows:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(as_table(asked.columns, rows, width=width, whole_ids=whole_ids))
    else:
        click.echo(f"nothing found in tenant {arguments['tenant']}", err=True)


def _arguments(asked: Analysis, param: tuple[str, ...], tenant: str) -> dict[str, Any]:
    pairs = [one.partition("=") for one in param]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise click.UsageError(f"--param takes NAME=VALUE, not {wrong[0]!r}")
    try:
        return asked.arguments({"tenant": tenant} | {name: value for name, _, value in pairs})
    except ValueError as error:
        raise click.UsageError(str(error)) from error
