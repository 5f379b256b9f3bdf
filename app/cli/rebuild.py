"""`python -m app rebuild`: compute identities and inferences from the recorded facts, and compare the graph with them."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import Progress

import migrations
from app import jobs
from app.cli.connection import connect
from app.cli.rows import as_table
from app.cli.terminal import as_json_option, new_id
from app.schemas.rebuild import RebuildResponse
from graph.acts import stats
from graph.acts.consistency import Report
from graph.acts.rebuild import Rebuild
from graph.database import Database
from graph.errors import GraphTimeout
from graph.rules.consistency import Kind
from graph.store import stats as counting

#: The name of its lease; with `job:` before it, its name in the audit trail.
NAME = "rebuild"


@click.command()
@click.argument("tenant")
@click.option("--apply", "is_applying", is_flag=True, help="Make the graph so where it differs.")
@click.option("--anew", is_flag=True, help="Begin anew, also if an earlier run was cut off.")
@as_json_option
def rebuild(tenant: str, *, is_applying: bool, anew: bool, as_json: bool) -> None:
    """Compare a tenant's graph with what follows from its facts; exit code 1 if a difference is left.

    It runs beside calls, page by page. A run that was cut off goes on where it was, if it is started in the same way.
    """
    done: list[Report] = []

    def run(running: jobs.Run) -> int:
        asked = Rebuild(
            running.policy, running.at, running.actor, running.new_id, is_applying, f"chg_{running.new_id()}"
        )
        if not anew and asked.go_on(running.place):
            click.echo("it goes on where an earlier run was cut off; what that one found is counted only", err=True)
        with _bar(running.graph) as tell:

            def alive(so_far: int) -> None:
                running.alive(so_far, asked.place)
                tell(so_far)

            done.append(asked.act(running.graph, alive))
        return done[0].checked.total()

    with connect() as database:
        migrations.check_schema(database)
        ran = jobs.leased(database, tenant, NAME, run, clock=lambda: datetime.now(UTC), new_id=new_id)
    if ran is None:
        raise click.ClickException("another run has this tenant")
    [report] = done
    if as_json:
        click.echo(json.dumps(RebuildResponse().dump(report)))
    else:
        _print(report)
    if report.left:
        sys.exit(1)


@contextmanager
def _bar(graph: Database) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr. The counters of tenures give the total, roughly."""
    total = None
    with suppress(GraphTimeout):
        counts = graph.read_within(stats.SECONDS, counting.counts.one)
        total = counts.sessions + counts.jars + 2 * counts.visitors + counts.merged_visitors + counts.users
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("compared", total=total)
        yield lambda so_far: progress.update(task, completed=so_far)


def _print(report: Report) -> None:
    examples: dict[Kind, str] = {}
    for finding in report.findings:
        ids = ", ".join(f"{name} {value}" for name, value in finding.ids.items())
        examples.setdefault(finding.kind, f"{ids}: {finding.detail}")
    rows = [
        {"difference": kind.value, "found": count, "example": examples.get(kind, "")}
        for kind, count in sorted(report.kinds.items())
    ]
    if rows:
        click.echo(as_table(("difference", "found", "example"), rows, width=None, whole_ids=True))
    compared = ", ".join(f"{count} {name}" for name, count in report.checked.items())
    not_checked = f", {report.not_checked} not checked" if report.not_checked else ""
    click.echo(f"{report.kinds.total()} found, {report.left} left{not_checked}; compared {compared}")
