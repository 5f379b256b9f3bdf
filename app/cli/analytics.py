"""`python -m app analytics`: count by day now, and read the counts."""

from datetime import UTC, date, datetime

import click

from app import jobs
from app.cli.progress import run_job
from app.cli.terminal import as_json_option, open_terminal, say, say_rows
from app.schemas.analytics import AnalyticsResponse, columns, rows, span
from app.schemas.rows import as_csv as to_csv
from graph.acts import analytics as service
from graph.acts import tenants
from graph.database import Database
from graph.rules.analytics import REPORTS

_Day = click.DateTime(["%Y-%m-%d"])


@click.command(
    epilog="Reports: \b\n" + "\n".join(f"\n{report.name}: {report.about}" for report in REPORTS.values()),
)
@click.argument("tenant")
@click.argument("report", type=click.Choice(list(REPORTS)), required=False)
@click.option(
    "--count", is_flag=True, help="Count first, with a progress bar, as the hourly job does; from the day of --from on."
)
@click.option("--from", "since", type=_Day, help="The first day, in UTC. Without it, 30 days.")
@click.option("--to", "until", type=_Day, help="The last day, in UTC. Without it, today.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV and nothing else.")
@as_json_option
def analytics(
    tenant: str,
    report: str | None,
    *,
    count: bool,
    since: datetime | None,
    until: datetime | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Tell what happened, day by day: relationships, identities, visits, reach, first logins, devices, confidence."""
    if as_json and as_csv:
        raise click.UsageError("one of --json and --csv")
    first_day, last_day = (each.date() if each else None for each in (since, until))
    if count:
        _count(tenant, first_day)
    if report is None:
        if not count:
            say_rows([{"report": one.name, "about": one.about} for one in REPORTS.values()])
        return
    try:
        first, last = span(first_day, last_day, datetime.now(UTC).date())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with open_terminal(tenant, "analytics") as terminal:
        counted = terminal.graph.read(service.read, report, first, last)
    names, found = columns(counted.report.columns), rows(counted)
    if as_json:
        answer = {"name": report, "since": first, "until": last, "columns": names, "rows": found}
        say(AnalyticsResponse(), {**answer, "counted_at": counted.counted_at}, as_json=True)
    elif as_csv:
        click.echo(to_csv(names, found), nl=False)
    else:
        say_rows(found)


def _count(tenant: str, since: date | None) -> None:
    def days(database: Database, tenant: str) -> int:
        return database.of(tenant).read(service.days, tenants.policy(database, tenant), datetime.now(UTC), since)

    def job(run: jobs.Run) -> int:
        return service.act(run.graph, run.policy, run.at, run.alive, since)

    done = run_job(tenant, "analytics", unit="days", total=days, job=job)
    click.echo("another runner has the job" if done is None else f"days: {done}", err=True)
