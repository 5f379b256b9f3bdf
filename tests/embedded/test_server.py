"""A running embedded server: who can reach it and read its files, its environment, and what it logs and reports."""

import http.client
import json
import os
import socket
import stat
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import neo4j
import psutil
import pytest
from click.testing import CliRunner
from neo4j.exceptions import AuthError, ClientError

from app.__main__ import main
from graph import embedded
from graph.embedded import EmbeddedError, RunningServer
from graph.embedded.settings import KEPT_VARIABLES
from tests.embedded.conftest import Start
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a path, with späces") / "data"


@pytest.fixture(scope="module")
def busy() -> Iterator[list[int]]:
    """Two ports that are in use."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        yield [first.getsockname()[1], second.getsockname()[1]]


@pytest.fixture(scope="module")
def running(start: Start, data_dir: Path, busy: list[int]) -> Iterator[RunningServer]:
    """A server started with a strange environment, without a home directory, and with wanted ports that are in use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HOME", raising=False)
        patch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1k")
        patch.setenv("NEO4J_server_bolt_enabled", "false")
        patch.setenv("NEO4J_HOME", "/nowhere")
        patch.setenv("SECRET_KEY", "a secret of the service's")
        patch.setenv("LC_ALL", "C")
        umask = os.umask(0)
        try:
            server = start(data_dir, bolt_port=busy[0], http_port=busy[1])
        finally:
            os.umask(umask)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def driver(running: RunningServer) -> Iterator[neo4j.Driver]:
    server = running.server
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as connected:
        yield connected


def test_a_server_uses_other_ports_if_the_wanted_ones_are_in_use(
    running: RunningServer, driver: neo4j.Driver, busy: list[int]
) -> None:
    assert driver.execute_query("RETURN 1 AS one").records[0]["one"] == 1
    assert not {port_of(running.server.uri), port_of(running.server.browser_url)} & set(busy)


def port_of(url: str) -> int:
    port = urllib.parse.urlsplit(url).port
    assert port is not None
    return port


def test_a_server_has_the_version_that_was_asked_for(running: RunningServer, driver: neo4j.Driver) -> None:
    components = driver.execute_query("CALL dbms.components() YIELD versions, edition RETURN versions, edition").records
    assert components[0].values() == [[running.server.version], "community"]


def test_neo4j_browser_is_served(running: RunningServer) -> None:
    address = urllib.parse.urlsplit(running.server.browser_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=PATIENCE_SECONDS)
    connection.request("GET", address.path)
    page = connection.getresponse().read().decode()
    connection.close()
    assert "<title>Neo4j Browser</title>" in page


def test_a_server_listens_on_loopback_only(running: RunningServer) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(running.server.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.port for address in listening} == {
        port_of(running.server.uri),
        port_of(running.server.browser_url),
    }
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_only_the_user_who_started_a_server_can_read_its_files(running: RunningServer) -> None:
    data_dir = running.server.data_dir
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (data_dir, *data_dir.rglob("*"))}
    assert {str(path): oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    assert modes[data_dir / "neo4j.json"] == modes[data_dir / "neo4j-password"] == 0o600


def test_a_server_gets_only_the_variables_it_needs(running: RunningServer) -> None:
    assert set(psutil.Process(running.server.pid).environ()) <= {*KEPT_VARIABLES, "LC_ALL"}


def test_a_server_logs_no_warnings(running: RunningServer) -> None:
    logs = running.server.data_dir / "neo4j" / "logs"
    lines = (logs / "neo4j.log").read_text().splitlines()
    assert [line for line in lines if " INFO " not in line] == []
    assert any(line.endswith("Started.") for line in lines)
    assert not any(character.isprintable() for character in (logs / "console.log").read_text())


def test_an_empty_graph_takes_less_than_10_mb(running: RunningServer) -> None:
    files = [path for path in running.server.data_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_blocks * 512 for path in files) < 10_000_000


def test_neo4js_first_password_is_no_longer_valid(running: RunningServer) -> None:
    with (
        neo4j.GraphDatabase.driver(running.server.uri, auth=("neo4j", "neo4j")) as stranger,
        pytest.raises(AuthError, match="authentication failure"),
    ):
        stranger.verify_connectivity()


def test_a_server_cannot_load_files_of_this_machine(driver: neo4j.Driver) -> None:
    for url in ("file:///etc/passwd", "file:///../conf/neo4j.conf"):
        with pytest.raises(ClientError, match="allow_csv_import_from_file_urls"):
            driver.execute_query(neo4j.Query("LOAD CSV FROM $url AS line RETURN line"), url=url)


def test_a_second_server_on_the_same_data_is_refused_with_the_address_of_the_first(
    running: RunningServer, driver: neo4j.Driver, start: Start
) -> None:
    with pytest.raises(EmbeddedError, match=f"runs on .* already, at {running.server.uri}"):
        start(running.server.data_dir)
    assert driver.execute_query("RETURN 1 AS one").records
    assert embedded.find(running.server.data_dir) == running.server


def test_the_status_command_finds_a_server_and_does_not_show_its_password(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = running.server
    monkeypatch.setenv("DATA_DIR", str(server.data_dir))
    printed = CliRunner().invoke(main, ["neo4j", "status"]).output
    printed_json = CliRunner().invoke(main, ["neo4j", "status", "--json"]).output
    assert json.loads(printed_json) == {
        "version": server.version,
        "uri": server.uri,
        "browserUrl": server.browser_url,
        "user": "neo4j",
        "passwordFile": str(server.data_dir / "neo4j-password"),
        "pid": server.pid,
        "dataDir": str(server.data_dir),
    }
    assert server.uri in printed
    assert server.browser_url in printed
    assert server.password not in printed + printed_json + repr(server)
    assert Path(json.loads(printed_json)["passwordFile"]).read_text() == server.password


def test_data_of_another_version_are_not_touched(tmp_path: Path, start: Start) -> None:
    (tmp_path / "neo4j").mkdir()
    (tmp_path / "neo4j" / "version").write_text("4.4.0")
    with pytest.raises(EmbeddedError, match=r"are Neo4j 4.4.0's.*NEO4J_VERSION=4.4.0"):
        start(tmp_path)
    assert embedded.find(tmp_path) is None


def test_without_a_server_status_and_stop_say_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "nothing"))
    for verb in ("status", "stop"):
        asked = CliRunner().invoke(main, ["neo4j", verb])
        assert asked.exit_code == 1
        assert f"no Neo4j runs on {tmp_path / 'nothing'}: start one with `python -m app neo4j start`" in asked.output
    assert not (tmp_path / "nothing").exists()
