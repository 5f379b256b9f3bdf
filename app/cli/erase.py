"""`python -m app erase`: erase a person."""

from datetime import UTC, datetime

import click

from app.cli.connection import secret_keys
from app.cli.terminal import Terminal, as_json_option, open_terminal, say
from app.cli.whose import Subject, Whose, named
from app.context import hashing_of
from app.schemas.erase import ErasureResponse
from graph.acts import erase as service
from graph.rules.tombstones import Hashing
from graph.store.erase import Receipt


@click.command()
@click.argument("tenant")
@click.argument("whose", type=Whose(), metavar="user:ID|visitor:ID")
@as_json_option
def erase(tenant: str, whose: Subject, *, as_json: bool) -> None:
    """Erase a user, or a visitor with all visitors merged with it; an erasure that was cut off goes on."""
    hashing = hashing_of(secret_keys(), tenant)
    with open_terminal(tenant, "erase") as terminal, named(terminal, whose) as subject:
        receipt = run(terminal, subject, hashing)
    say(ErasureResponse(), receipt, as_json=as_json)


def run(terminal: Terminal, whose: Subject, hashing: Hashing) -> Receipt:
    """Erase a person to the end, and print how far it is."""

    def tell(receipt: Receipt) -> None:
        click.echo(f"{sum(receipt.removed.values())} removed so far", err=True)

    command = service.Erase(
        kind=whose.kind, id=whose.id, hashing=hashing, clock=lambda: datetime.now(UTC), **terminal.by_whom(None)
    )
    erasure_id = terminal.graph.write_within(service.SECONDS, service.begin, command)
    rest = service.Rest(terminal.policy, hashing, terminal.now, command.ids)
    return service.finish(terminal.graph, erasure_id, rest, progress=tell)
