"""Fixtures for tests that start and end Neo4j servers of their own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.config import Settings
from graph import embedded
from graph.embedded import RunningServer
from tests.neo4j_server import SHORT_LIVED
from tests.patience import wait_until

Start = Callable[..., RunningServer]
Gone = Callable[..., None]


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The settings, which name the version of Neo4j to test and the folder of its jars."""
    return Settings.from_environment(os.environ)


@pytest.fixture(scope="module")
def start(settings: Settings) -> Iterator[Start]:
    """Start a server on a data directory, on free ports unless ports are given; all servers are stopped at the end."""
    started: list[RunningServer] = []

    def start(data_dir: Path, *, bolt_port: int = 0, http_port: int = 0) -> RunningServer:
        server = embedded.start(
            data_dir=data_dir,
            cache_dir=settings.cache_dir,
            version=settings.neo4j_version,
            repository_url=settings.maven_repository_url,
            bolt_port=bolt_port,
            http_port=http_port,
            tuning=SHORT_LIVED,
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def gone() -> Gone:
    """Wait until none of the given processes runs."""
    return wait_until_gone


def wait_until_gone(*pids: int) -> None:
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "it goes on")


def is_alive(pid: int) -> bool:
    # A killed process is a zombie until its parent asks for its status.
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
