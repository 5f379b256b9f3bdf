"""`python -m app jobs …`: run the background jobs now, and see how they went."""

import json
from datetime import UTC, datetime

import click
import uuid6

import migrations
from app import jobs as service
from app.cli.connection import connect, secret_keys
from app.cli.group import Group
from app.cli.rows import as_table
from app.schemas.wire import wire_time
from graph.acts import tenants
from graph.store import jobs as store


@click.group(cls=Group)
def jobs() -> None:
    """Run the background jobs now, and see how they went."""


@jobs.command("run")
@click.argument("tenant")
@click.argument("names", nargs=-1, metavar="[JOB...]")
def run_jobs(tenant: str, names: tuple[str, ...]) -> None:
    """Run jobs of a tenant now; without a name, all of them: erase, rerank, sweep, stats, retain, candidates, consistency."""
    with connect() as database:
        migrations.check_schema(database)
        for name in names or tuple(service.JOBS):
            done = service.run(
                database,
                tenant,
                name,
                clock=lambda: datetime.now(UTC),
                new_id=lambda: str(uuid6.uuid7()),
                keys=secret_keys(),
                progress=lambda so_far, name=name: click.echo(f"{name}: {so_far} so far", err=True),  # type: ignore[misc]
            )
            what = {
                "candidates": "candidates are open",
                "consistency": "nodes checked",
                "erase": "erasures finished",
                "retain": "things removed or stripped",
            }.get(name, "relationships")
            click.echo(f"{name}: another runner has it" if done is None else f"{name}: {done} {what}")


@jobs.command()
@click.argument("tenant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list and nothing else.")
def status(tenant: str, *, as_json: bool) -> None:
    """Print when each job of a tenant ran last, and how it ended."""
    with connect() as database:
        tenants.tenant(database, tenant)
        found = database.of(tenant).read(store.jobs)
    rows = [
        {
            "job": job.name,
            "started": job.started_at,
            "finished": job.finished_at,
            "outcome": job.outcome or "running",
            "done": job.done or 0,
        }
        for job in found
    ]
    if as_json:
        click.echo(json.dumps(rows, default=wire_time))
    elif rows:
        click.echo(as_table(tuple(rows[0]), rows, width=None))
    else:
        click.echo("no job has run yet")
