"""A backup of a running server restores to a graph with every write that was acknowledged before it began."""

import threading
from pathlib import Path
from typing import Self

import neo4j
import pytest
from click.testing import CliRunner

from app.__main__ import main
from graph import embedded
from graph.embedded import EmbeddedError, RunningServer
from tests.embedded.conftest import Start
from tests.patience import PATIENCE_SECONDS, wait_until

WRITE = (
    "UNWIND range(1, 20) AS x MERGE (n:N {t: $t, k: $k * 100 + x}) SET n.v = rand() "
    "MERGE (m:N {t: $t, k: ($k - 1) * 100 + x}) SET m.v = rand() CREATE (n)-[:R {w: rand()}]->(m)"
)


@pytest.fixture(scope="module")
def running(start: Start, tmp_path_factory: pytest.TempPathFactory) -> RunningServer:
    return start(tmp_path_factory.mktemp("backed-up") / "data")


class Writers:
    """Threads that write; `acknowledged` has the last number that each was told is stored."""

    def __init__(self, driver: neo4j.Driver, count: int) -> None:
        self._driver = driver
        self._end = threading.Event()
        self.acknowledged = [-1] * count
        self._threads = [threading.Thread(target=self._write, args=(one,)) for one in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def _write(self, one: int) -> None:
        number = 0
        while not self._end.is_set():
            self._driver.execute_query(WRITE, t=str(one), k=number)
            self.acknowledged[one] = number
            number += 1


def test_a_backup_under_load_restores_all_that_was_acknowledged_before_it(
    running: RunningServer, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, file, data_dir = running.server, tmp_path / "backup.tar.gz", tmp_path / "restored"
    (server.data_dir / "secret-key").write_text("a key of 32 characters and some more")
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        driver.execute_query("CREATE CONSTRAINT FOR (n:N) REQUIRE (n.t, n.k) IS UNIQUE")
        driver.execute_query("CREATE INDEX FOR (n:N) ON (n.v)")
        with Writers(driver, 3) as writers:
            wait_until(lambda: min(writers.acknowledged) > 20, "nothing is written")
            monkeypatch.setenv("DATA_DIR", str(server.data_dir))
            before = list(writers.acknowledged)
            done = CliRunner().invoke(main, ["backup", "--to", str(file)])
            assert done.exit_code == 0, done.output
            assert "packing" in done.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [file.name], "nothing is left beside the file"

    monkeypatch.setenv("DATA_DIR", str(data_dir))
    assert CliRunner().invoke(main, ["restore", str(file)]).exit_code == 0
    assert (data_dir / "secret-key").read_text().startswith("a key")
    restored = start(data_dir).server
    assert restored.password == server.password
    with neo4j.GraphDatabase.driver(restored.uri, auth=(restored.user, restored.password)) as driver:
        for one, last in enumerate(before):
            missing = driver.execute_query(
                "UNWIND range(0, $last) AS k WITH k WHERE NOT EXISTS { (:N {t: $t, k: k * 100 + 7}) } RETURN k",
                last=last,
                t=str(one),
            ).records
            assert missing == []
        counted = {
            driver.execute_query(text).records[0]["found"]
            for text in (
                "MATCH (n:N) USING INDEX n:N(v) WHERE n.v IS NOT NULL RETURN count(*) AS found",
                "MATCH (n:N) USING INDEX n:N(t, k) WHERE n.t IS NOT NULL AND n.k IS NOT NULL RETURN count(*) AS found",
                "MATCH (n) RETURN count(*) AS found",
                "MATCH (n) WHERE n.v * 1 >= 0 RETURN count(n) AS found",
            )
        }
        assert len(counted) == 1, "the indexes agree with the nodes"

    refused = CliRunner().invoke(main, ["restore", str(file)])
    assert (refused.exit_code, "a Neo4j runs on" in refused.output) == (1, True), refused.output


def test_a_backup_overwrites_nothing_and_neither_does_restoring(running: RunningServer, tmp_path: Path) -> None:
    file, data_dir = tmp_path / "backup.tar.gz", tmp_path / "data"
    embedded.backup.write(running.server, file, names=(), progress=lambda _line: None)
    with pytest.raises(EmbeddedError, match="exists: name another file"):
        embedded.backup.write(running.server, file, names=(), progress=lambda _line: None)
    (data_dir / "neo4j").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match=r"has data already \(neo4j\)"):
        embedded.backup.restore(file, data_dir, progress=lambda _line: None)

    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no backup", whole[:-2000] + b"x" * 1000 + whole[-1000:]):
        file.write_bytes(damaged)
        with pytest.raises(EmbeddedError, match=r"damaged or no backup|is damaged"):
            embedded.backup.restore(file, tmp_path / "other", progress=lambda _line: None)
        assert [path.name for path in (tmp_path / "other").iterdir()] == ["neo4j.lock"]


def test_without_a_server_a_backup_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    asked = CliRunner().invoke(main, ["backup", "--to", str(tmp_path / "x")])
    assert (asked.exit_code, "no Neo4j runs on" in asked.output) == (1, True)
