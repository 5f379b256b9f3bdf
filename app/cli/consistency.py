"""`python -m app consistency …`: check that the graph agrees with itself."""

import dataclasses
import json
import sys
from datetime import UTC, datetime
from typing import Any

import click
import uuid6

import migrations
from app.cli.connection import connect
from app.cli.group import Group
from app.cli.rows import as_table
from app.schemas.consistency import ConsistencyResponse
from graph.acts import consistency as service
from graph.acts import tenants
from graph.rules import times


@click.group(cls=Group)
def consistency() -> None:
    """Check that the graph agrees with itself."""


@consistency.command()
@click.argument("tenant")
@click.option(
    "--repair",
    is_flag=True,
    help="Write whatever follows from the other facts, where these do not contradict each other.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def check(tenant: str, *, repair: bool, as_json: bool) -> None:
    """Check a tenant's graph, and the whole database for nodes without a tenant; exit code 1 if a finding is left.

    The check reads page by page and waits for no lock. Only nodes without a tenant are in no index: to find them, each
    label is read in full once.
    """
    with connect() as database:
        migrations.check_schema(database)
        report = service.act(
            database.of(tenant),
            service.Check(
                policy=tenants.policy(database, tenant),
                is_repairing=repair,
                at=times.whole_milliseconds(datetime.now(UTC)),
                actor="job:consistency",
                new_id=lambda: str(uuid6.uuid7()),
            ),
        )
        service.without_tenant(database, report)
    if as_json:
        click.echo(json.dumps(ConsistencyResponse().dump(report)))
    else:
        _print(report)
    if report.left:
        sys.exit(1)


def _print(report: service.Report) -> None:
    rows: list[dict[str, Any]] = [
        {
            **dataclasses.asdict(one),
            "ids": ", ".join(f"{name} {value}" for name, value in one.ids.items()),
        }
        for one in report.findings
    ]
    if rows:
        click.echo(as_table(("kind", "ids", "detail", "repaired"), rows, width=None, whole_ids=True))
    if report.findings_left_out:
        click.echo(f"and {report.findings_left_out} more")
    looked_at = ", ".join(f"{count} {name}" for name, count in report.checked.items())
    click.echo(f"{report.kinds.total()} found, {report.left} left; looked at {looked_at}")
