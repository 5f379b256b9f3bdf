"""`python -m app backup`: back up Neo4j while it runs, and with the embedded one the service's keys."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from app.cli.connection import open_database
from app.config import Settings
from graph import backups, embedded
from graph.errors import BackupError, GraphUnavailable

#: Of the files in DATA_DIR beside the graph, those that nobody could make again.
NAMES = ("neo4j-password", "neo4j/version", "secret-key", "demo-tenant.json")

neo4j_data_option = click.option(
    "--neo4j-data",
    "neo4j_data",
    type=click.Path(readable=False, path_type=Path),  # our own message says as whom to read it
    metavar="DIRECTORY",
    help="The data directory of a Neo4j of yours, as its setting server.directories.data names it.",
)


def say(line: str) -> None:
    """Print a line of progress."""
    click.echo(line, err=True)


def check_named(settings: Settings, neo4j_data: Path | None) -> None:
    """Raise `BackupError` if Neo4j is not the embedded one and its directory was not named."""
    if settings.neo4j_uri and neo4j_data is None:
        raise BackupError("NEO4J_URI names a server of yours: name its data directory with --neo4j-data")


@click.command()
@neo4j_data_option
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new file; by default one named by the time.",
)
def backup(neo4j_data: Path | None, file: Path | None) -> None:
    """Write a backup of DATA_DIR to one file, while Neo4j and the service run.

    The file holds the graph, Neo4j's password and the key that signs tokens, so keep it secret. While it is written, it
    takes room for a second copy of the data beside it.

    With --neo4j-data it holds the data of that Neo4j Community and nothing of DATA_DIR.
    """
    settings = Settings.from_environment(os.environ)
    check_named(settings, neo4j_data)
    to = (file or Path(f"whograph-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")).absolute()
    if neo4j_data is None:
        server = embedded.find(settings.data_dir)
        if server is None:
            raise BackupError(
                f"no Neo4j runs on {settings.data_dir}: start it, set DATA_DIR to that of the one that runs, or copy "
                "DATA_DIR as it is while nothing runs on it"
            )
        own = {name: server.data_dir / name for name in NAMES}
        backups.write(server.data_dir / backups.DATA, to, version=server.version, own=own, progress=say)
    else:
        backups.write(neo4j_data.absolute(), to, version=_version(settings), own={}, progress=say)
    where = "" if neo4j_data is None else " --neo4j-data DIRECTORY"
    click.echo(f"{to}: {to.stat().st_size:,} bytes; restore it with `python -m app restore {to.name}{where}`")


def _version(settings: Settings) -> str | None:
    """Return the version of the Neo4j of `NEO4J_URI`; None if that is unset or does not answer."""
    if settings.neo4j_uri:
        database = open_database(settings)
        try:
            return database.server_version()
        except GraphUnavailable as error:
            say(error.message)
        finally:
            database.close()
    say("the backup will not name the version of Neo4j, which only the server of NEO4J_URI tells")
    return None
