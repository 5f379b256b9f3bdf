"""`python -m app export`: print everything about a person, or write a whole table of a tenant."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import parquet
from app.cli.files import whole_file
from app.cli.terminal import Terminal, open_terminal
from app.cli.whose import Subject, Whose, named
from app.schemas.export import line
from app.schemas.rows import Row, as_csv
from graph.acts import export as service
from graph.acts import stats
from graph.acts.tables import TABLES, Table
from graph.rules.probable import Bound
from graph.store import stats as counting

PARQUET = ".parquet"


class What(click.ParamType[Subject | str]):
    """A person, or the name of a table."""

    name = "what"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Subject | str:
        if isinstance(value, str) and value in TABLES:
            return value
        if isinstance(value, str) and ":" not in value:
            self.fail(f"{value!r} is neither {', '.join(TABLES)} nor user:ID or visitor:ID", param, ctx)
        return Whose().convert(value, param, ctx)


@click.command()
@click.argument("tenant")
@click.argument("what", type=What(), metavar=f"{'|'.join(TABLES)}|user:ID|visitor:ID")
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a table to this file: Parquet if it is named .parquet, else CSV. Without it, CSV is printed.",
)
def export(tenant: str, what: Subject | str, *, file: Path | None) -> None:
    """Export a whole table, or everything about a user, or about a visitor with all visitors merged with it.

    A person is printed as JSON lines, hidden or not. A table leaves out what is hidden from reads.
    """
    if isinstance(what, Subject):
        if file is not None:
            raise click.UsageError("--to is for tables; a person is printed")
        _print_person(tenant, what)
        return
    if file is not None and file.suffix == PARQUET:
        parquet.require()
    with open_terminal(tenant, "export") as terminal:
        _write_table(terminal, what, file)


def _print_person(tenant: str, whose: Subject) -> None:
    with open_terminal(tenant, "export") as terminal:
        with named(terminal, whose) as subject:
            found = service.act(terminal.graph, subject.kind, subject.id, terminal.policy)
        for each in found:
            click.echo(line(each))


def _write_table(terminal: Terminal, name: str, file: Path | None) -> None:
    table = TABLES[name]
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    total = terminal.graph.read_within(stats.SECONDS, counting.counts.one)
    rows = {"sessions": total.sessions, "events": total.events}.get(name)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=rows)
        pages = (
            _counted(page, lambda: bar.advance(task))
            for page in table.pages(terminal.graph, Bound.of(terminal.policy, terminal.now))
        )
        if file is None:
            _as_csv(table, pages, sys.stdout)
            return
        with whole_file(file) as part:
            if file.suffix == PARQUET:
                parquet.write(part, table.types, pages)
            else:
                with part.open("w", encoding="utf-8", newline="") as opened:
                    _as_csv(table, pages, opened)


def _counted(page: Iterable[Row], count: Callable[[], None]) -> Iterator[Row]:
    for row in page:
        count()
        yield row


def _as_csv(table: Table, pages: Iterable[Iterable[Row]], to: TextIO) -> None:
    to.write(as_csv(list(table.types), []))
    to.writelines(as_csv(list(table.types), page, has_names=False) for page in pages)
