"""`python -m app consistency …`: check that the graph agrees with itself."""

import dataclasses
import json
import sys
from datetime import UTC, datetime
from typing import Any

import click
import uuid6
from marshmallow import ValidationError

import migrations
from app.cli.connection import connect
from app.cli.group import Group
from app.cli.rows import as_table
from app.errors import BadQuery
from app.schemas import consistency as schemas
from app.schemas.consistency import ConsistencyResponse
from graph.acts import consistency as service
from graph.acts import tenants
from graph.rules import times


class Start(click.ParamType[service.Checkpoint]):
    """A cursor that an earlier check printed."""

    name = "cursor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return schemas.place(schemas.PlaceCursor().deserialize(value))
        except (ValidationError, BadQuery):
            self.fail("it is no cursor of a check: take it as it was printed", param, ctx)


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
@click.option(
    "--cursor", "start", type=Start(), help="Go on where an earlier check ended, by the cursor that it printed."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def check(tenant: str, *, repair: bool, start: service.Checkpoint | None, as_json: bool) -> None:
    """Check a tenant's graph, and the whole database for nodes without a tenant; exit code 1 if a finding is left.

    The check reads page by page and waits for no lock. If it is cut off, it prints how to go on. Only nodes without a
    tenant are in no index: to find them, each label is read in full once.
    """
    report = service.Report(goes_on=start)
    with connect() as database:
        migrations.check_schema(database)
        checking = service.Check(
            policy=tenants.policy(database, tenant),
            is_repairing=repair,
            at=times.whole_milliseconds(datetime.now(UTC)),
            actor="job:consistency",
            new_id=lambda: str(uuid6.uuid7()),
        )
        try:
            service.act(database.of(tenant), checking, _tell, report)
        finally:
            if report.goes_on is not None:
                click.echo(f"not through: go on with --cursor {schemas.cursor(report.goes_on)}", err=True)
        service.without_tenant(database, report)
    if as_json:
        click.echo(json.dumps(ConsistencyResponse().dump(report)))
    else:
        _print(report)
    if report.left:
        sys.exit(1)


def _tell(checked: int) -> None:
    click.echo(f"{checked} checked so far", err=True)


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
    not_checked = f", {report.not_checked} not checked" if report.not_checked else ""
    click.echo(f"{report.kinds.total()} found, {report.left} left{not_checked}; looked at {looked_at}")
