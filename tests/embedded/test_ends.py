"""However it ends, nothing runs on and nothing is lost."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import neo4j
import psutil

from app.config import Settings
from graph import embedded
from graph.embedded import EmbeddedServer, RunningServer
from graph.embedded.run import START_SECONDS
from tests.embedded.conftest import Start

KEEP_ONE_MORE = "CREATE (:Kept) WITH 1 AS one MATCH (kept:Kept) RETURN count(kept)"
Gone = Callable[..., float]


@contextmanager
def owner(settings: Settings, data_dir: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that starts a server, as a person does; at the latest it ends with the test."""
    ours = {"DATA_DIR": data_dir, "CACHE_DIR": settings.cache_dir, "NEO4J_BOLT_PORT": "0", "NEO4J_HTTP_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "app", "neo4j", *command],
        env=os.environ | {name: str(value) for name, value in ours.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_server(data_dir: Path, *owners: subprocess.Popen[str]) -> EmbeddedServer:
    deadline = time.monotonic() + START_SECONDS
    while (server := embedded.find(data_dir)) is None:
        assert time.monotonic() < deadline, "it does not start"
        assert any(process.poll() is None for process in owners), owners[0].communicate()[0]
        time.sleep(0.05)
    return server


def run(server: EmbeddedServer, text: str) -> list[list[object]]:
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        query = neo4j.Query(text)
        return [record.values() for record in driver.execute_query(query).records]


def test_however_it_ends_nothing_runs_on_and_all_data_are_there_again(
    settings: Settings, tmp_path: Path, start: Start, gone: Gone
) -> None:
    stop_with_a_transaction_open(start(tmp_path))
    for count, victim in enumerate(("owner", "guard", "java"), start=2):
        with owner(settings, tmp_path, "start") as process:
            server = wait_for_server(tmp_path, process)
            assert run(server, KEEP_ONE_MORE) == [[count]]
            guard = psutil.Process(server.pid).parent()
            assert guard is not None
            victims = {"owner": psutil.Process(process.pid), "guard": guard, "java": psutil.Process(server.pid)}
            victims[victim].kill()
            assert gone(guard.pid, server.pid) < 1.5
            # An owner whose server is gone has nothing left to do.
            assert process.wait(10) == (-signal.SIGKILL if victim == "owner" else 0)
        assert embedded.find(tmp_path) is None


def stop_with_a_transaction_open(running: RunningServer) -> None:
    server = running.server
    assert run(server, KEEP_ONE_MORE) == [[1]]
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session() as session,
    ):
        session.begin_transaction().run(KEEP_ONE_MORE).consume()
        started = time.monotonic()
        running.stop()
        assert time.monotonic() - started < 3
        # To roll back is too late; only then the session may be closed.
        with suppress(neo4j.exceptions.ServiceUnavailable):
            session.close()
    assert not running.is_running()
    assert not psutil.pid_exists(server.pid)
    assert embedded.find(server.data_dir) is None


def test_a_first_start_that_is_cut_off_is_done_again_by_one_of_two_that_try_at_once(
    settings: Settings, tmp_path: Path, gone: Gone
) -> None:
    with owner(settings, tmp_path, "start") as process:
        wait_until_listening(tmp_path, process)
        java = [child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "java"]
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM
        gone(*(one.pid for one in java))
    assert java
    assert embedded.find(tmp_path) is None
    with owner(settings, tmp_path, "start") as one, owner(settings, tmp_path, "start") as two:
        server = wait_for_server(tmp_path, one, two)
        loser, winner = (two, one) if owns(one, server) else (one, two)
        assert loser.wait(20) == 1
        assert f"Error: a Neo4j runs on {tmp_path} already" in loser.communicate()[0]
        assert run(server, "RETURN 1") == [[1]]
        with owner(settings, tmp_path, "stop") as stopping:
            assert stopping.communicate()[0] == "Neo4j has stopped; its data stay\n"
        assert winner.wait(10) == 0
        assert not psutil.pid_exists(server.pid)


def owns(process: subprocess.Popen[str], server: EmbeddedServer) -> bool:
    guard = psutil.Process(server.pid).parent()
    return guard is not None and guard.ppid() == process.pid


def wait_until_listening(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """Wait for the moment in which the password is set: Bolt is up and the password is not yet anybody's."""
    log = data_dir / "neo4j" / "logs" / "neo4j.log"
    deadline = time.monotonic() + START_SECONDS
    while not (log.exists() and "Bolt enabled" in log.read_text()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)


def test_a_port_that_is_taken_at_the_last_moment_is_exchanged_for_another(tmp_path: Path, start: Start) -> None:
    configuration = tmp_path / "neo4j" / "conf" / "neo4j.conf"
    taken: list[socket.socket] = []

    def take_its_port() -> None:
        while not configuration.exists():
            time.sleep(0.001)
        port = re.search(r"bolt.listen_address=127.0.0.1:(\d+)", configuration.read_text())
        assert port is not None
        taken.append(socket.create_server(("127.0.0.1", int(port[1]))))

    thief = threading.Thread(target=take_its_port)
    thief.start()
    with start(tmp_path) as running:
        thief.join()
        assert running.server.uri != f"bolt://127.0.0.1:{taken[0].getsockname()[1]}"
        assert run(running.server, "RETURN 1") == [[1]]
    taken[0].close()
