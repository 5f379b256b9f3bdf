"""`python -m app backup`: back up the embedded Neo4j and the service's keys while they run."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from app.config import Settings
from graph import embedded
from graph.embedded import EmbeddedError

#: Of the service's own files in DATA_DIR, those that nobody could make again.
NAMES = ("secret-key", "demo-tenant.json")


@click.command()
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new file; by default one named by the time.",
)
def backup(file: Path | None) -> None:
    """Write a backup of DATA_DIR to one file, while Neo4j and the service run.

    The file holds the graph, Neo4j's password and the key that signs tokens, so keep it secret. While it is written, it
    takes room for a second copy of the data beside it.
    """
    settings = Settings.from_environment(os.environ)
    if settings.neo4j_uri:
        raise EmbeddedError("NEO4J_URI names a server of yours: docs/operations.md says how to back that up")
    server = embedded.find(settings.data_dir)
    if server is None:
        raise EmbeddedError(
            f"no Neo4j runs on {settings.data_dir}: start it, set DATA_DIR to that of the one that runs, or copy DATA_DIR "
            "as it is while nothing runs on it"
        )
    to = (file or Path(f"whograph-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")).absolute()
    embedded.backup.write(server, to, names=NAMES, progress=lambda line: click.echo(line, err=True))
    click.echo(f"{to}: {to.stat().st_size:,} bytes; restore it with `python -m app restore {to.name}`")
