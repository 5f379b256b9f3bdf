"""Fixtures: a copy of the checkout that `make` sets up and starts, as a person would."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.neo4j_server import JAVA_OPTIONS
from tests.setup.make_run import MakeRun

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_OUT = (".git", ".venv", ".data", ".env", ".*_cache", ".hypothesis", "node_modules", "build", "__pycache__")
#: Of each `make run`, unless a test sets others.
SETTINGS = {
    "PORT": "0",
    "NEO4J_BOLT_PORT": "0",
    "NEO4J_HTTP_PORT": "0",
    "NEO4J_JAVA_OPTIONS": JAVA_OPTIONS,
    # A busy machine takes its time.
    "CALL_SECONDS": "60",
}


@pytest.fixture(scope="session")
def bare_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout like a fresh clone, in a path with spaces; it is not set up."""
    copy = tmp_path_factory.mktemp("a path with spaces") / "who graph"
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return copy


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Our environment, without the variables of the `make` that runs these tests and of its service."""
    theirs = ("MAKE", "MFLAGS", "TESTS", "PYTHON", "VIRTUAL_ENV", "PORT", "HOST", "DATA_DIR", "SECRET_KEY")
    neo4j = ("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE", "NEO4J_BOLT_PORT", "NEO4J_HTTP_PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith((*theirs, *neo4j))}


@pytest.fixture(scope="session")
def checkout(bare_checkout: Path, environment: dict[str, str]) -> Path:
    """The copy of the checkout, set up to run."""
    subprocess.run(["sh", "bin/setup", "run"], cwd=bare_checkout, env=environment, check=True, capture_output=True)
    return bare_checkout


@pytest.fixture(scope="module")
def start(
    checkout: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., MakeRun]]:
    """Start `make run` with settings, in a session of its own as in a terminal; all are ended after the tests."""
    started: list[MakeRun] = []

    def make_run(data_dir: Path, **settings: str) -> MakeRun:
        log = tmp_path_factory.mktemp("log") / "output"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["make", "run", f"DATA_DIR={data_dir}"],
                cwd=checkout,
                env=environment | SETTINGS | settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(MakeRun(process, log, data_dir))
        return started[-1]

    yield make_run
    for run in started:
        if run.process.poll() is None:
            family = run.family()
            run.process.send_signal(signal.SIGTERM)
            assert run.left_of(family) == []


@pytest.fixture(scope="module")
def busy_ports() -> Iterator[tuple[int, int]]:
    """Two ports that are in use."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        yield first.getsockname()[1], second.getsockname()[1]


@pytest.fixture(scope="module")
def running(
    start: Callable[..., MakeRun], busy_ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> MakeRun:
    """A `make run` that is ready, although the ports set for Neo4j are in use."""
    bolt, http = busy_ports
    run = start(tmp_path_factory.mktemp("the data"), NEO4J_BOLT_PORT=str(bolt), NEO4J_HTTP_PORT=str(http))
    run.wait_until_ready()
    return run
