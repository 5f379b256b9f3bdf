"""Jars are fetched once, complete and checked, even if the repository is slow, wrong, broken or gone."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from graph.embedded import fetch as fetching
from graph.embedded.fetch import Jar, fetch, locked
from graph.errors import EmbeddedError
from tests.patience import FOREVER_SECONDS, wait_until

CONTENTS = {f"org/example/part{n}/1.0/part{n}-1.0.jar": bytes([n]) * 400_000 for n in range(20)}
JARS = [Jar(hashlib.sha256(content).hexdigest(), len(content), path) for path, content in CONTENTS.items()]
FIRST = JARS[0]
ELSEWHERE = """
import json, sys
from pathlib import Path
from graph.embedded.fetch import Jar, fetch
jars = [Jar(*jar) for jar in json.loads(sys.argv[3])]
fetch(jars, Path(sys.argv[1]), sys.argv[2], lambda line: print(line, flush=True))
"""


@dataclass
class Repository:
    """A server on loopback: what it serves, and the requests that it got."""

    url: str = ""
    served: dict[str, bytes] = field(default_factory=lambda: dict(CONTENTS))
    cut_off_once: set[str] = field(default_factory=set)
    #: While the gate is closed, the server sends only the first half of these jars.
    held: set[str] = field(default_factory=lambda: set(CONTENTS))
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    proxied: list[str] = field(default_factory=list)


@pytest.fixture
def repository() -> Iterator[Repository]:
    with serving(Repository()) as served:
        yield served


@contextmanager
def serving(repository: Repository) -> Iterator[Repository]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.rpartition("/maven/")[2]
            repository.asked.append(path)
            if not self.path.startswith("/"):
                repository.proxied.append(self.path)
            content = repository.served.get(path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            cut_off = path in repository.cut_off_once
            repository.cut_off_once.discard(path)
            self.wfile.write(content[: len(content) // 2])
            if path in repository.held:
                repository.gate.wait(FOREVER_SECONDS)
            if not cut_off:
                self.wfile.write(content[len(content) // 2 :])

        def do_CONNECT(self) -> None:
            repository.proxied.append(self.path)
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            """Log nothing, since tests kill clients on purpose."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            """Log nothing here either."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        repository.url = f"http://127.0.0.1:{server.server_port}/maven"
        repository.gate.set()
        yield repository
        repository.gate.set()
        server.shutdown()


def fetch_all(directory: Path, repository: Repository, heard: Callable[[str], None] = lambda _line: None) -> list[str]:
    printed: list[str] = []

    def hear(line: str) -> None:
        printed.append(line)
        heard(line)

    fetch(JARS, directory, repository.url, hear)
    return printed


def jars_in(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir() if file.name != ".lock"}


WHOLE = {Path(path).name: content for path, content in CONTENTS.items()}


def test_all_jars_are_fetched_and_readable_by_everybody_and_progress_is_reported(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PROGRESS_SECONDS", FOREVER_SECONDS)
    printed = fetch_all(tmp_path / "cache", repository)
    assert jars_in(tmp_path / "cache") == WHOLE
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "cache").glob("*.jar")} == {0o644}
    assert printed == ["fetching Neo4j, this once: 20 files, 8 MB", "fetching Neo4j: 8 of 8 MB, 100 %"]


def test_a_slow_download_reports_its_progress(tmp_path: Path, repository: Repository) -> None:
    """The first halves of the jars arrive before progress is reported, the second halves after it."""
    repository.gate.clear()

    def open_the_gate_later(line: str) -> None:
        if "this once" in line:
            threading.Timer(fetching.PROGRESS_SECONDS + 0.2, repository.gate.set).start()

    printed = fetch_all(tmp_path, repository, open_the_gate_later)
    assert any(line.endswith(" %") and "of 8 MB" in line and "100 %" not in line for line in printed), printed


def test_jars_in_the_cache_are_not_fetched_again(tmp_path: Path, repository: Repository) -> None:
    fetch_all(tmp_path, repository)
    repository.asked.clear()
    assert fetch_all(tmp_path, repository) == []
    assert repository.asked == []


@pytest.mark.parametrize("damage", [b"", b"\x00" * 400_000, CONTENTS[FIRST.path][:-1]])
def test_only_a_damaged_jar_is_fetched_again(tmp_path: Path, repository: Repository, damage: bytes) -> None:
    fetch_all(tmp_path, repository)
    repository.asked.clear()
    (tmp_path / FIRST.name).write_bytes(damage + b"?")
    fetch_all(tmp_path, repository)
    assert repository.asked == [FIRST.path]
    assert jars_in(tmp_path) == WHOLE


def test_a_transfer_that_is_cut_off_is_tried_again(tmp_path: Path, repository: Repository) -> None:
    repository.cut_off_once = {FIRST.path}
    printed = fetch_all(tmp_path, repository)
    assert repository.asked.count(FIRST.path) == 2
    assert jars_in(tmp_path) == WHOLE
    assert printed[-1] == "fetching Neo4j: 8 of 8 MB, 100 %"


def test_a_jar_with_other_content_than_expected_is_refused(tmp_path: Path, repository: Repository) -> None:
    repository.served[FIRST.path] = b"malice"
    with pytest.raises(EmbeddedError, match=r"part0-1.0.jar is not the file that is expected.*MAVEN_REPOSITORY_URL"):
        fetch_all(tmp_path, repository)
    assert FIRST.name not in jars_in(tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_a_jar_that_the_repository_lacks_is_named_at_once_and_other_jars_are_kept(
    tmp_path: Path, repository: Repository
) -> None:
    last = JARS[-1]
    del repository.served[last.path]
    with pytest.raises(EmbeddedError, match=r"part19-1.0.jar: HTTP Error 404.*HTTPS_PROXY.*MAVEN_REPOSITORY_URL.*kept"):
        fetch_all(tmp_path, repository)
    assert repository.asked.count(last.path) == 1
    kept = set(jars_in(tmp_path))
    repository.served[last.path] = CONTENTS[last.path]
    repository.asked.clear()
    fetch_all(tmp_path, repository)
    assert kept
    assert {Path(path).name for path in repository.asked} == set(WHOLE) - kept


def test_without_a_network_the_error_names_the_settings_to_change(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        nobody_listens = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(EmbeddedError, match=r"Connection refused.*HTTPS_PROXY.*NEO4J_URI"):
            fetch(JARS, tmp_path, nobody_listens, print)


def test_a_full_disk_has_an_error_of_its_own(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / f"{FIRST.name}.part").symlink_to("/dev/full")
    with pytest.raises(EmbeddedError, match=r"no room in .*CACHE_DIR"):
        fetch_all(tmp_path, repository)


def test_a_cache_that_cannot_be_created_is_an_error_that_names_the_setting(
    tmp_path: Path, repository: Repository
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match=r"Not a directory.*CACHE_DIR"):
        fetch_all(tmp_path / "file" / "cache", repository)


def elsewhere(directory: Path, repository: Repository, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, directory, repository.url, json.dumps([astuple(jar) for jar in JARS])],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environ,
    )


def test_of_two_processes_one_fetches_and_the_other_waits(tmp_path: Path, repository: Repository) -> None:
    repository.gate.clear()
    with elsewhere(tmp_path, repository) as fetching_process:
        wait_until(lambda: len(repository.asked) > 0, "nothing is asked for")
        with elsewhere(tmp_path, repository) as waiting:
            assert waiting.stdout is not None
            assert "waiting" in waiting.stdout.readline()
            repository.gate.set()
            assert waiting.communicate()[0] == ""
        fetching_process.communicate()
    assert (fetching_process.returncode, waiting.returncode) == (0, 0)
    assert sorted(repository.asked) == sorted(CONTENTS)
    assert jars_in(tmp_path) == WHOLE


def test_a_killed_fetch_leaves_its_finished_jars_in_the_cache(tmp_path: Path, repository: Repository) -> None:
    repository.held = {jar.path for jar in JARS[5:]}
    repository.gate.clear()
    with elsewhere(tmp_path, repository) as killed:
        wait_until(
            lambda: len(list(tmp_path.glob("*.jar"))) == 5 and len(repository.asked) == len(JARS),
            "not what is held is all that lacks",
        )
        killed.kill()
    repository.gate.set()
    repository.asked.clear()
    fetch_all(tmp_path, repository)
    assert sorted(repository.asked) == sorted(repository.held)
    assert jars_in(tmp_path) == WHOLE


def test_a_proxy_from_the_environment_is_used(tmp_path: Path, repository: Repository) -> None:
    proxy, repository.url = repository.url.removesuffix("/maven"), "http://repository.example/maven"
    with elsewhere(tmp_path, repository, HTTP_PROXY=proxy, http_proxy=proxy) as process:
        process.communicate()
    assert jars_in(tmp_path) == WHOLE
    assert sorted(repository.proxied) == sorted(f"{repository.url}/{path}" for path in CONTENTS)


def test_a_proxy_is_asked_for_a_tunnel_to_a_repository_with_tls(tmp_path: Path, repository: Repository) -> None:
    proxy, repository.url = repository.url.removesuffix("/maven"), "https://repository.example/maven"
    with elsewhere(tmp_path, repository, HTTPS_PROXY=proxy, https_proxy=proxy) as process:
        printed = process.communicate()[0]
    assert "Tunnel connection failed: 502" in printed  # this proxy opens no tunnel
    assert set(repository.proxied) == {"repository.example:443"}


def test_the_lock_files_list_all_jars_of_each_version() -> None:
    for version, count in (("2026.08.1", 226), ("5.26.30", 214)):
        jars = locked(version)
        assert len({jar.name for jar in jars}) == count
        assert f"neo4j-{version}.jar" in {jar.name for jar in jars}
        assert "neo4j-browser-5.24.0.jar" in {jar.name for jar in jars}
        assert all(len(jar.sha256) == 64 and jar.size_bytes > 0 for jar in jars)


def test_the_error_for_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(EmbeddedError, match=r"Neo4j 4.4.0 .*NEO4J_VERSION to one of 2026.08.1, 5.26.30"):
        locked("4.4.0")
