"""However the embedded server ends, no process is left running and no data are lost."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest

from app.config import Settings
from graph import embedded
from graph.embedded import EmbeddedServer, RunningServer, guard
from tests.embedded.conftest import Gone, Start
from tests.neo4j_server import JAVA_OPTIONS
from tests.patience import PATIENCE_SECONDS, wait_until

KEEP_ONE_MORE = "CREATE (:Kept) WITH 1 AS one MATCH (kept:Kept) RETURN count(kept)"


@contextmanager
def owner(settings: Settings, data_dir: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of `python -m app neo4j`, as a person does; the process is killed at the end at the latest."""
    ours = {
        "DATA_DIR": data_dir,
        "CACHE_DIR": settings.cache_dir,
        "NEO4J_BOLT_PORT": "0",
        "NEO4J_HTTP_PORT": "0",
        "NEO4J_JAVA_OPTIONS": JAVA_OPTIONS,
    }
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
    def started() -> EmbeddedServer | None:
        assert any(process.poll() is None for process in owners), owners[0].communicate()[0]
        return embedded.find(data_dir)

    return wait_until(started, "it does not start")


def run(server: EmbeddedServer, text: str) -> list[list[object]]:
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        query = neo4j.Query(text)
        return [record.values() for record in driver.execute_query(query).records]


def test_however_a_server_ends_no_process_is_left_and_the_next_start_has_all_data(
    settings: Settings, tmp_path: Path, start: Start, gone: Gone
) -> None:
    stop_with_a_transaction_open(start(tmp_path), gone)
    for count, victim in enumerate(("owner", "guard", "java"), start=2):
        with owner(settings, tmp_path, "start") as process:
            server = wait_for_server(tmp_path, process)
            assert run(server, KEEP_ONE_MORE) == [[count]]
            guarding = guard_of(server)
            victims = {"owner": psutil.Process(process.pid), "guard": guarding, "java": psutil.Process(server.pid)}
            victims[victim].kill()
            gone(guarding.pid, server.pid)
            # An owner ends by itself when its server is gone.
            assert process.wait(PATIENCE_SECONDS) == (-signal.SIGKILL if victim == "owner" else 0)
        wait_until(lambda: embedded.find(tmp_path) is None, "the lock of the data directory is held")


def guard_of(server: EmbeddedServer) -> psutil.Process:
    """Return the guard of a server. It kills Neo4j after 2 s if that does not end, or after 0.7 s if the owner died."""
    guarding = psutil.Process(server.pid).parent()
    assert guarding is not None
    words = guarding.cmdline()
    place = words.index(guard.__file__)
    assert words[place + 3 : place + 5] == ["2.0", "0.7"]
    return guarding


def stop_with_a_transaction_open(running: RunningServer, gone: Gone) -> None:
    server = running.server
    assert guard_of(server).pid == running._guarded.guard_pid
    assert run(server, KEEP_ONE_MORE) == [[1]]
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session() as session,
    ):
        session.begin_transaction().run(KEEP_ONE_MORE).consume()
        running.stop()
        # The transaction can no longer be rolled back, and closing the session may fail because of it.
        with suppress(neo4j.exceptions.ServiceUnavailable):
            session.close()
    assert not running.is_running()
    gone(server.pid)
    assert embedded.find(server.data_dir) is None


def test_an_interrupted_first_start_is_repeated_by_one_of_two_simultaneous_starts(
    settings: Settings, tmp_path: Path, gone: Gone
) -> None:
    with owner(settings, tmp_path, "start") as process:
        hold_up_until_listening(tmp_path, process)
        java = [child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "java"]
        process.terminate()
        process.send_signal(signal.SIGCONT)
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
        gone(*(process.pid for process in java))
    assert java
    assert embedded.find(tmp_path) is None
    with owner(settings, tmp_path, "start") as first, owner(settings, tmp_path, "start") as second:
        server = wait_for_server(tmp_path, first, second)
        loser, winner = (second, first) if owns(first, server) else (first, second)
        assert loser.wait(PATIENCE_SECONDS) == 1
        assert f"Error: a Neo4j runs on {tmp_path} already" in loser.communicate()[0]
        assert run(server, "RETURN 1") == [[1]]
        with owner(settings, tmp_path, "stop") as stopping:
            assert stopping.communicate()[0] == "Neo4j has stopped; its data stay\n"
        assert winner.wait(PATIENCE_SECONDS) == 0
        gone(server.pid)


def owns(process: subprocess.Popen[str], server: EmbeddedServer) -> bool:
    return guard_of(server).ppid() == process.pid


def hold_up_until_listening(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """Suspend the owner until Neo4j listens: Bolt is up, and the owner has not yet set the password."""
    log = data_dir / "neo4j" / "logs" / "neo4j.log"

    def says(text: str) -> bool:
        assert process.poll() is None
        return log.exists() and text in log.read_text()

    wait_until(lambda: says("INFO"), "it does not start")
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: says("Bolt enabled"), "it does not start")


def test_a_port_that_is_taken_just_before_the_start_is_replaced_by_another(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "neo4j" / "conf" / "neo4j.conf"
    taken: list[socket.socket] = []
    really_start = guard.start

    def take_its_port_and_start(command: Sequence[str], **options: Any) -> guard.Guarded:
        """Take the port after it was found free and before Neo4j listens on it."""
        if not taken:
            port = re.search(r"bolt.listen_address=127.0.0.1:(\d+)", configuration.read_text())
            assert port is not None
            taken.append(socket.create_server(("127.0.0.1", int(port[1]))))
        return really_start(command, **options)

    monkeypatch.setattr(guard, "start", take_its_port_and_start)
    with start(tmp_path) as running:
        assert running.server.uri != f"bolt://127.0.0.1:{taken[0].getsockname()[1]}"
        assert run(running.server, "RETURN 1") == [[1]]
    taken[0].close()
