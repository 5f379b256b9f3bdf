"""`python -m app split`: one visitor that is two browsers."""

import click

from app.cli.terminal import Id, as_json_option, open_terminal, reason_option, say
from app.schemas.split import SplitResponse
from graph.acts import split as service


@click.command()
@click.argument("tenant")
@click.argument("visitor", type=Id())
@click.option("--jar", type=Id(), help="A browser's cookie storage.")
@click.option("--tenure", type=Id(), help="A stretch of browsing that is tied to another.")
@click.option("--fingerprint", type=Id(), help="A hash, with the jars that came in by it.")
@reason_option
@as_json_option
def split(
    tenant: str,
    visitor: str,
    *,
    jar: str | None,
    tenure: str | None,
    fingerprint: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Undo the merge of a visitor, by its own id, or take a part out of it; what is sent later obeys."""
    if len([part for part in (jar, tenure, fingerprint) if part]) > 1:
        raise click.UsageError("name one of --jar, --tenure and --fingerprint")
    with open_terminal(tenant, "split") as terminal:
        command = service.Split(
            visitor_id=visitor,
            jar_id=jar,
            tenure_id=tenure,
            fingerprint=fingerprint,
            **terminal.by_whom(reason),
        )
        apart = terminal.graph.write(service.act, command)
    say(SplitResponse(exclude=("duplicate",)), apart, as_json=as_json)
