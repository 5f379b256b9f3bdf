"""Run a job that looks at a tenant's visitors, with a progress bar."""

from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import jobs
from app.cli.connection import connect
from app.cli.terminal import new_id
from graph.acts import stats
from graph.store import stats as counts


def run_job(tenant: str, name: str, *, rounds: int = 1) -> int | None:
    """Run a job now, with a bar on the error output; return what it returns, or None if another runner has it.

    The job counts each visitor as often as it makes `rounds`.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with connect() as database, Progress(*columns, console=Console(stderr=True)) as bar:
        total = database.of(tenant).read_within(stats.SECONDS, counts.counts.one)
        description = "visitors" if rounds == 1 else f"visitors, {rounds} rounds"
        task = bar.add_task(description, total=rounds * (total.visitors + total.merged_visitors))
        return jobs.run(
            database,
            tenant,
            name,
            clock=lambda: datetime.now(UTC),
            new_id=new_id,
            progress=lambda so_far: bar.update(task, completed=so_far),
        )
