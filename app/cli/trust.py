"""`python -m app trust`: trust a contradicted name of a browser again."""

import click

from app.cli.terminal import Id, open_terminal, reason_option
from graph.acts import trust as service


@click.command()
@click.argument("tenant")
@click.argument("jar", type=Id())
@reason_option
def trust(tenant: str, jar: str, *, reason: str | None) -> None:
    """Let JAR recognise its browser again, though what it showed was contradicted.

    JAR is as the warning contradicted_jar names it. Write an anonymousId of yours as caller:ID.
    """
    with open_terminal(tenant, "trust") as terminal:
        trusted = terminal.graph.write(service.act, service.Trust(jar_id=jar, **terminal.by_whom(reason)))
    if trusted.changed:
        click.echo(f"{jar} recognises its browser again, which is {trusted.visitor_id}")
    else:
        click.echo(f"{jar} was not contradicted")
