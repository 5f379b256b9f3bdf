"""`python -m app export`: print everything about a person."""

import click

from app.cli.terminal import open_terminal
from app.cli.whose import Subject, Whose
from app.schemas.export import line
from graph.acts import export as service


@click.command()
@click.argument("tenant")
@click.argument("whose", type=Whose(), metavar="user:ID|visitor:ID")
def export(tenant: str, whose: Subject) -> None:
    """Print everything about a user, or about a visitor with all visitors merged with it, as JSON lines."""
    with open_terminal(tenant, "export") as terminal:
        subject_id = terminal.user(whose.id) if whose.kind == "user" else whose.id
        for found in service.act(terminal.graph, whose.kind, subject_id):
            click.echo(line(found))
