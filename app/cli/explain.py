"""`python -m app explain`: whether two are one, and why."""

import json
from datetime import UTC, datetime

import click

from app.cli.terminal import Confidence, as_json_option, open_terminal
from app.schemas.explain import ExplainQuery, ExplainResponse, answered, subject
from graph.acts import explain as service
from graph.rules.probable import Bound


class Either(click.ParamType[service.Subject]):
    """A visitor, user, session or identity by its id."""

    name = "KIND:ID"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> service.Subject:
        errors = ExplainQuery(only=("a",)).validate({"a": str(value)})
        if errors:
            self.fail(f"{value!r} is none of visitor:ID, user:ID, session:ID and identity:ID", param, ctx)
        return subject(str(value))


@click.command()
@click.argument("tenant")
@click.argument("one", type=Either())
@click.argument("other", type=Either())
@click.option("--min-confidence", type=Confidence(0, 1), help="0–1; the tenant's policy has the default.")
@click.option("--at", type=click.DateTime(), help="As of this time, UTC, such as 2026-03-04T12:00:00.")
@as_json_option
def explain(
    tenant: str,
    *,
    one: service.Subject,
    other: service.Subject,
    min_confidence: float | None,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Explain whether two are one: how sure that is, by which steps, or what stands against it."""
    with open_terminal(tenant, "explain") as terminal:
        bound = Bound.of(terminal.policy, terminal.now, min_confidence)
        asked = at.replace(tzinfo=UTC) if at else None
        found = terminal.graph.read(service.act, one, other, bound, at=asked)
    if as_json:
        click.echo(json.dumps(ExplainResponse().dump(answered(found))))
        return
    for sentence in found.text:
        click.echo(sentence)
