"""Servers of these tests' own: they start and end while the tests watch."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.config import Settings
from graph import embedded
from graph.embedded import RunningServer

Start = Callable[..., RunningServer]


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Of them, which Neo4j to test and where its jars are kept."""
    return Settings.from_environment(os.environ)


@pytest.fixture(scope="module")
def start(settings: Settings) -> Iterator[Start]:
    """Start a server on a data directory, on free ports unless told which."""
    started: list[RunningServer] = []

    def start(data_dir: Path, *, bolt_port: int = 0, http_port: int = 0) -> RunningServer:
        server = embedded.start(
            data_dir=data_dir,
            cache_dir=settings.cache_dir,
            version=settings.neo4j_version,
            repository_url=settings.maven_repository_url,
            bolt_port=bolt_port,
            http_port=http_port,
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def gone() -> Callable[..., float]:
    """Seconds until none of some processes runs."""
    return seconds_until_gone


def seconds_until_gone(*pids: int) -> float:
    started = time.monotonic()
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() - started < 10, "it goes on"
        time.sleep(0.01)
    return time.monotonic() - started


def is_alive(pid: int) -> bool:
    # What was killed is a zombie for as long as its parent does not look at it.
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
