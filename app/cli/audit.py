"""`python -m app audit`: who changed what about a user or a visitor, and why."""

import click
from marshmallow import ValidationError

from app.cli.terminal import as_json_option, open_terminal, say
from app.errors import BadQuery
from app.schemas.audit import AuditQuery, AuditResponse, answered, place
from app.schemas.paging import LIMIT_DEFAULT
from graph.acts import audit as service
from graph.rules.times import BEGINNING


@click.command()
@click.argument("tenant")
@click.option("--about", required=True, help="user:ID, visitor:ID, identity:ID, erasure:ID or tenant:ID.")
@click.option("--limit", default=LIMIT_DEFAULT, show_default=True, type=int, help="At most.")
@click.option("--cursor", help="Continue after an earlier page, by the cursor that it printed.")
@as_json_option
def audit(tenant: str, *, about: str, limit: int, cursor: str | None, as_json: bool) -> None:
    """List the changes of a subject, such as a user or a visitor, newest first."""
    sent = {"about": about, "limit": limit, **({"cursor": cursor} if cursor else {})}
    try:
        asked = AuditQuery().load(sent)
        before = place(asked)
    except (ValidationError, BadQuery) as error:
        [(name, why), *_] = (error.errors if isinstance(error, BadQuery) else error.normalized_messages()).items()  # type: ignore[no-untyped-call]
        raise click.BadParameter(why[0], param_hint=f"--{name}") from None
    with open_terminal(tenant, "audit") as terminal:
        found = terminal.graph.read(
            service.page, about, since=BEGINNING, before=before, limit=asked["limit"] + 1, policy=terminal.policy
        )
    page = answered(asked, found)
    say(AuditResponse(), page, as_json=as_json)
    if page["next_cursor"] and not as_json:
        click.echo(f"there are more: --cursor {page['next_cursor']}", err=True)
