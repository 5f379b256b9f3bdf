"""`python -m app split`: split a visitor that is several browsers."""

import click

from app.cli.terminal import Id, as_json_option, open_terminal, reason_option, say
from app.schemas.split import SplitResponse
from graph.acts import split as service


@click.command()
@click.argument("tenant")
@click.argument("visitor", type=Id())
@click.option("--jar", type=Id(), help="The jar to take out: one browser's cookie storage.")
@click.option("--tenure", type=Id(), help="The tenure to take out, which is tied to another.")
@click.option(
    "--fingerprint", type=Id(), help="The hash of the fingerprint to take out; the jars that it brought in go with it."
)
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
    """Undo the merge of the visitor with this id, or take a part out of it; later matching obeys the split."""
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
        apart = terminal.graph.write_within(service.SECONDS, service.act, command)
    say(SplitResponse(exclude=("duplicate",)), apart, as_json=as_json)
