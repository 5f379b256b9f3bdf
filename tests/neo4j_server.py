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

#: A server that lives for minutes gains nothing from Java's second compiler: 35 instead of 52 s of CPU until it is ready.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1"
#: Tests empty the graph between them, its statistics swing, and Neo4j would plan every query anew.
SHORT_LIVED = embedded.Tuning(
    configuration=("dbms.cypher.statistics_divergence_threshold=1.0",),
    java_options=(JAVA_OPTIONS,),
)
#: The same for a server in a container.
KEEPS_PLANS = {
    "NEO4J_dbms_cypher_min__replan__interval": "24h",
    "NEO4J_dbms_cypher_statistics__divergence__threshold": "1.0",
}
#: What a test about plans runs on: a server that plans as the one of `make run` does.
AS_SHIPPED = embedded.Tuning(java_options=(JAVA_OPTIONS,))


@dataclass(frozen=True)
class Server:
    """Where the tests' Neo4j is, and Neo4j Browser where it is known."""

    uri: str
    user: str
    password: str
    browser_url: str | None


@contextmanager
def serve(data_dir: Path, tuning: embedded.Tuning = SHORT_LIVED) -> Iterator[Server]:
    """A server for one worker of a test run; fails with what to do where none can be had."""
    settings = Settings.from_environment(os.environ)
    if settings.neo4j_uri:
        yield Server(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, None)
    elif docker_answers():
        from testcontainers.community.neo4j import Neo4jContainer  # noqa: PLC0415 - it asks Docker when imported

        container = Neo4jContainer(f"neo4j:{settings.neo4j_version}-community")
        for name, value in KEEPS_PLANS.items():
            container.with_env(name, value)
        with container:
            yield Server(container.get_connection_url(), container.username, container.password, None)
    else:
        with embedded_server(data_dir, tuning) as running:
            yield running


@contextmanager
def embedded_server(data_dir: Path, tuning: embedded.Tuning = SHORT_LIVED) -> Iterator[Server]:
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
        tuning=tuning,
    ) as running:
        server = running.server
        yield Server(server.uri, server.user, server.password, server.browser_url)


def docker_answers() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and subprocess.run([docker, "info"], check=False, capture_output=True, timeout=20).returncode == 0
    )
