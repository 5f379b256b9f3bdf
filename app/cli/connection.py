"""Connect a command to its Neo4j."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.config import Settings, previous_secret_keys, secret_key
from graph import embedded
from graph.database import Database
from graph.errors import GraphUnavailable


def open_database(settings: Settings) -> Database:
    """Connect to `NEO4J_URI` or, if it is unset, to the embedded server that runs on `DATA_DIR`.

    Raises:
        GraphUnavailable: No embedded server runs. The message says how to start one.
    """
    if settings.neo4j_uri:
        return Database.connect(
            settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database
        )
    server = embedded.find(settings.data_dir)
    if server is None:
        raise GraphUnavailable(
            f"no Neo4j runs on {settings.data_dir}: start one with `make run` or `python -m app neo4j start`, "
            "set DATA_DIR to the one that runs, or NEO4J_URI to a server of yours",
        )
    return Database.connect(server.uri, server.user, server.password, settings.neo4j_database)


def secret_keys() -> tuple[str, ...]:
    """Return the `SECRET_KEY` of the service, and then its earlier values."""
    settings = Settings.from_environment(os.environ)
    return (secret_key(settings), *previous_secret_keys(settings))


@contextmanager
def connect() -> Iterator[Database]:
    """Open the database for a command, and close it afterwards."""
    database = open_database(Settings.from_environment(os.environ))
    try:
        yield database
    finally:
        database.close()
