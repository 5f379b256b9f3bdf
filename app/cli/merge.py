"""`python -m app merge`: merge visitors that are one browser."""

import click

from app.cli.terminal import Id, as_json_option, open_terminal, reason_option, say
from app.schemas.merge import MergeResponse
from graph.acts import merge as service


@click.command()
@click.argument("tenant")
@click.argument("visitor", type=Id())
@click.argument("into", type=Id())
@click.option("--force", is_flag=True, help="Merge even if the visitors belong to different users; needs --reason.")
@reason_option
@as_json_option
def merge(tenant: str, visitor: str, into: str, *, force: bool, reason: str | None, as_json: bool) -> None:
    """Merge VISITOR into INTO, which stands for both from now on; no data are moved.

    If the two are in one merge group already, nothing changes. `split` undoes a merge.
    """
    if force and not (reason or "").strip():
        raise click.UsageError("a merge by --force needs a --reason")
    with open_terminal(tenant, "merge") as terminal:
        command = service.Merge(visitor_id=visitor, into=into, is_forced=force, **terminal.by_whom(reason))
        merged = terminal.graph.write(service.act, command)
    say(MergeResponse(exclude=("duplicate",)), merged, as_json=as_json)
