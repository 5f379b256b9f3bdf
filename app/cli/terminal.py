"""Shared parts of the commands that do what an API call does: tenant, actor, ids and answers."""

import json
import math
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import uuid6
from marshmallow import Schema

import migrations
from app.calls.changes import MadeBy
from app.cli.connection import connect
from app.cli.rows import as_table
from app.schemas.wire import TEXT_CHARACTERS_MAX
from graph.acts import tenants
from graph.database import Database
from graph.model import Change, NewIds
from graph.rules import times
from graph.rules.identifiers import in_case, normalise
from graph.rules.policy import Policy


class Id(click.ParamType[str]):
    """An id, normalised as in API calls: trimmed, in Unicode's composed form."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return normalise(value)
        except ValueError as error:
            self.fail(f"the id {error}", param, ctx)


class Confidence(click.FloatRange):
    """A confidence in a range within 0–100. NaN is refused explicitly, since no comparison with a bound refuses it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            found = float(super().convert(value, param, ctx))
        except click.BadParameter:
            found = math.nan
        if math.isnan(found):
            self.fail(f"{value!r} is not a number from {self.min:g} to {self.max:g}, such as 90", param, ctx)
        return found


class Reason(click.ParamType[str]):
    """A reason for the audit trail."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if len(value) > TEXT_CHARACTERS_MAX:
            self.fail(f"a reason has at most {TEXT_CHARACTERS_MAX} characters", param, ctx)
        return str(value)


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
reason_option = click.option("--reason", type=Reason(), help="Why, for the audit trail.")


@dataclass(frozen=True)
class Terminal:
    """A command's tenant, time and name. The audit trail has the name as the actor, `job:NAME`."""

    graph: Database
    policy: Policy
    now: datetime
    name: str

    def user(self, user_id: str) -> str:
        """Return a user's id in the case that the tenant's policy asks for."""
        return in_case(user_id, self.policy.user_id_case)

    def by_whom(self, reason: str | None) -> MadeBy:
        """Return the fields that every change has: the change (time, actor, reason), the policy, and new ids."""
        ids = NewIds(new_id)
        return {"change": Change(ids.change, self.now, f"job:{self.name}", reason), "policy": self.policy, "ids": ids}


@contextmanager
def open_terminal(tenant: str, name: str) -> Iterator[Terminal]:
    """Open a tenant's graph for a command; raises `NotFound` for an unknown tenant."""
    with connect() as database:
        migrations.check_schema(database)
        policy = tenants.policy(database, tenant)
        yield Terminal(database.of(tenant), policy, times.whole_milliseconds(datetime.now(UTC)), name)


def new_id() -> str:
    """Return a new UUIDv7, which sorts after all earlier ones."""
    return str(uuid6.uuid7())


def say(schema: Schema, answer: Any, *, as_json: bool) -> None:
    """Print an answer: with `as_json` as the API call answers it, else as a table."""
    dumped = schema.dump(answer)
    if as_json:
        click.echo(json.dumps(dumped))
        return
    say_rows(dumped.get("items", [dumped]))


def say_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows of the same names as a table, as wide as the terminal; `none` if there are none."""
    if not rows:
        click.echo("none", err=True)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(as_table(tuple(rows[0]), [dict(row) for row in rows], width=width, whole_ids=True))
