"""`python -m app neo4j …`: start and stop the embedded Neo4j without the service."""

import json
import os
import shlex
import signal
from threading import Event

import click

from app.cli.group import Group
from app.config import Settings
from graph import embedded
from graph.embedded import EmbeddedServer
from graph.errors import EmbeddedError


@click.group(cls=Group)
def neo4j() -> None:
    """Start, stop and find the Neo4j that is downloaded for you."""


@neo4j.command()
def start() -> None:
    """Start Neo4j in the foreground, on DATA_DIR; Ctrl-C stops it."""
    settings = Settings.from_environment(os.environ)
    asked_to_end = Event()

    def end(_signal: int, _frame: object) -> None:
        asked_to_end.set()

    # During the start, a signal ends this process, and the guard ends Neo4j. Afterwards, a signal stops Neo4j in order.
    with embedded.start(
        data_dir=settings.data_dir,
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        heap=settings.neo4j_heap,
        page_cache=settings.neo4j_page_cache,
        bolt_port=settings.neo4j_bolt_port,
        http_port=settings.neo4j_http_port,
        repository_url=settings.maven_repository_url,
        tuning=embedded.Tuning(java_options=tuple(shlex.split(settings.neo4j_java_options))),
        progress=lambda line: click.echo(line, err=True),
    ) as running:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)
        _print(running.server)
        while running.is_running() and not asked_to_end.wait(0.2):
            pass
    click.echo("Neo4j has stopped; its data stay")


@neo4j.command()
def stop() -> None:
    """Stop the Neo4j that runs on DATA_DIR, whoever started it."""
    embedded.stop(_running())
    click.echo("Neo4j has stopped; its data stay")


@neo4j.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def status(*, as_json: bool) -> None:
    """Print the address of the Neo4j that runs on DATA_DIR, and its password's file; exit code 1 if none runs."""
    server = _running()
    if not as_json:
        _print(server)
        return
    click.echo(
        json.dumps(
            {
                "version": server.version,
                "uri": server.uri,
                "browserUrl": server.browser_url,
                "user": server.user,
                "passwordFile": str(server.password_file),
                "pid": server.pid,
                "dataDir": str(server.data_dir),
            }
        )
    )


def _running() -> EmbeddedServer:
    data_dir = Settings.from_environment(os.environ).data_dir
    server = embedded.find(data_dir)
    if server is None:
        raise EmbeddedError(
            f"no Neo4j runs on {data_dir}: start one with `python -m app neo4j start` or `make run`, or set DATA_DIR to "
            "the directory of the one that runs"
        )
    return server


def _print(server: EmbeddedServer) -> None:
    click.echo(f"Neo4j {server.version} runs as process {server.pid} on {server.data_dir}")
    click.echo(f"  {'Bolt':<14} {server.uri}")
    click.echo(f"  {'Neo4j Browser':<14} {server.browser_url}")
    click.echo(f"  {'User':<14} {server.user}")
    click.echo(f"  {'Password':<14} in {server.password_file}")
