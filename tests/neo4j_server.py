"""The real Neo4j that tests run on: `NEO4J_URI`, else a container where Docker answers, else the embedded server."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from graph import embedded


@dataclass(frozen=True)
class Server:
    """Where the tests' Neo4j is, and Neo4j Browser where it is known."""

    uri: str
    user: str
    password: str
    browser_url: str | None


@contextmanager
def serve(data_dir: Path) -> Iterator[Server]:
    """A server for one test run; fails with what to do where none can be had."""
    settings = Settings.from_environment(os.environ)
    if settings.neo4j_uri:
        yield Server(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, None)
    elif docker_answers():
        from testcontainers.community.neo4j import Neo4jContainer  # noqa: PLC0415 - it asks Docker when imported

        with Neo4jContainer(f"neo4j:{settings.neo4j_version}-community") as container:
            yield Server(container.get_connection_url(), container.username, container.password, None)
    else:
        with embedded_server(data_dir) as running:
            yield running


@contextmanager
def embedded_server(data_dir: Path) -> Iterator[Server]:
    """The one that we start ourselves, which brings Neo4j Browser."""
    settings = Settings.from_environment(os.environ)
    with embedded.start(
        data_dir=data_dir,
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        heap="768m",
        bolt_port=0,
        http_port=0,
        repository_url=settings.maven_repository_url,
    ) as running:
        server = running.server
        yield Server(server.uri, server.user, server.password, server.browser_url)


def docker_answers() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and subprocess.run([docker, "info"], check=False, capture_output=True, timeout=20).returncode == 0
    )
