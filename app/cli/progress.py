"""Run a job with a progress bar."""

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import jobs
from app.cli.connection import connect
from app.cli.terminal import new_id
from graph.acts import stats
from graph.database import Database
from graph.store import stats as counts


def run_job(
    tenant: str,
    name: str,
    *,
    unit: str,
    total: Callable[[Database, str], int],
    job: Callable[[jobs.Run], int] | None = None,
) -> int | None:
    """Run a job now, with a bar on the error output; return what it returns, or None if another runner has it.

    `job` does it in another way than by itself. The job counts what the bar calls a `unit`, and `total` says how many of these it will count for a tenant.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with connect() as database, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(unit, total=total(database, tenant))
        return jobs.leased(
            database,
            tenant,
            name,
            job or jobs.JOBS[name],
            clock=lambda: datetime.now(UTC),
            new_id=new_id,
            progress=lambda so_far: bar.update(task, completed=so_far),
        )


def visitors(database: Database, tenant: str) -> int:
    """Return how many visitors a tenant has, merged ones included."""
    found = database.of(tenant).read_within(stats.SECONDS, counts.counts.one)
    return found.visitors + found.merged_visitors
