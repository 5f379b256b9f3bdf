"""`python -m app link`: link users that are one person's accounts, and undo a link."""

import click

from app.cli.terminal import Id, as_json_option, open_terminal, reason_option, say
from app.schemas.link import LinkResponse
from graph.acts import link as service
from graph.acts import unlink


@click.command()
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("to", type=Id())
@click.option("--undo", is_flag=True, help="Undo the link of these two users.")
@reason_option
@as_json_option
def link(tenant: str, user: str, to: str, *, undo: bool, reason: str | None, as_json: bool) -> None:
    """Link USER with the user TO: they are one person's accounts, and have one identity from now on.

    Each keeps its own relationships, visitors and events, so that --undo loses nothing.
    """
    with open_terminal(tenant, "link") as terminal:
        one, other = terminal.user(user), terminal.user(to)
        if undo:
            terminal.graph.write(unlink.act, unlink.Unlink(user_id=one, to=other, **terminal.by_whom(reason)))
            click.echo(f"{one} and {other} are not linked any more")
            return
        linked = terminal.graph.write(service.act, service.LinkUsers(user_id=one, to=other, **terminal.by_whom(reason)))
    say(LinkResponse(exclude=("duplicate",)), linked, as_json=as_json)
