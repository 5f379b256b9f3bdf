"""A backup of a running server restores to a graph with every write that was acknowledged before it began."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import neo4j
import psutil
import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from app.cli.backup import backup
from app.config import Settings
from graph import backups
from graph.embedded import RunningServer, guard
from graph.embedded import settings as of_server
from graph.embedded.fetch import fetch, locked
from graph.embedded.run import java
from graph.errors import BackupError
from tests.embedded.conftest import Start
from tests.neo4j_server import SHORT_LIVED
from tests.patience import PATIENCE_SECONDS, wait_until

WRITE = (
    "UNWIND range(1, 20) AS x MERGE (n:N {t: $t, k: $k * 100 + x}) SET n.v = rand() "
    "MERGE (m:N {t: $t, k: ($k - 1) * 100 + x}) SET m.v = rand() CREATE (n)-[:R {w: rand()}]->(m)"
)
PASSWORD = "a password of one's own"
#: A Neo4j as its owner configures it. Its logs have their size before they are full, as by default, and a new one often
#: begins during a backup.
CONFIGURATION = """\
server.directories.data={data}
server.bolt.listen_address=127.0.0.1:0
server.http.enabled=false
server.memory.pagecache.size=64m
client.allow_telemetry=false
dbms.usage_report.enabled=false
db.tx_log.rotation.size=128k
"""
NOBODY = 65534

Acknowledged = dict[str, int]


class Writers:
    """Threads that write; `acknowledged` has the last number that each was told is stored."""

    def __init__(self, driver: neo4j.Driver, names: list[str]) -> None:
        self._driver = driver
        self._end = threading.Event()
        self.acknowledged: Acknowledged = dict.fromkeys(names, -1)
        self._threads = [threading.Thread(target=self._write, args=(name,)) for name in names]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def _write(self, name: str) -> None:
        number = 0
        while not self._end.is_set():
            self._driver.execute_query(WRITE, t=name, k=number)
            self.acknowledged[name] = number
            number += 1


def run(*words: str | Path, **environ: str | Path) -> Result:
    """Run a command of `python -m app` with these settings and no Neo4j but theirs."""
    env = {"NEO4J_URI": None, **{name: str(value) for name, value in environ.items()}}
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


def back_up_under_load(driver: neo4j.Driver, writer: str, *words: str | Path, **environ: str | Path) -> Acknowledged:
    """Run `backup` while three threads write, and return what was acknowledged before it began."""
    with Writers(driver, [f"{writer} {number}" for number in range(3)]) as writers:
        wait_until(lambda: min(writers.acknowledged.values()) > 20, "nothing is written")
        before = dict(writers.acknowledged)
        done = run("backup", *words, **environ)
    assert done.exit_code == 0, done.output
    assert "packing" in done.output
    return before


def check(driver: neo4j.Driver, before: Mapping[str, int]) -> None:
    """Check that all that was acknowledged is there, and that the indexes agree with the nodes."""
    for name, last in before.items():
        missing = driver.execute_query(
            "UNWIND range(0, $last) AS k WITH k WHERE NOT EXISTS { (:N {t: $t, k: k * 100 + 7}) } RETURN k",
            last=last,
            t=name,
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


@contextmanager
def own_neo4j(settings: Settings, home: Path, data: Path) -> Iterator[str]:
    """Run a Neo4j of one's own, without what the embedded server arranges; gives its address."""
    version, jar_dir = settings.neo4j_version, settings.cache_dir.absolute() / "neo4j" / settings.neo4j_version
    fetch(locked(version), jar_dir, settings.maven_repository_url, print)
    for folder in ("conf", "logs", "tmp"):
        (home / folder).mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text(
        CONFIGURATION.format(data=data) + of_server.CONFIGURATION_OF_VERSION[version]
    )
    names = [jar.name for jar in locked(version)]
    guarded = guard.start(
        of_server.command(java(), version, names, home, heap="512m", tuning=SHORT_LIVED),
        log=home / "console.log",
        environ=of_server.environment(os.environ),
        grace_seconds=PATIENCE_SECONDS,
        cwd=jar_dir,
    )
    log = home / "logs" / "neo4j.log"

    def address() -> str | None:
        assert guarded.is_running(), (home / "console.log").read_text()
        if not log.exists() or "Started." not in log.read_text():
            return None
        [port] = {
            connection.laddr.port
            for connection in psutil.Process(guarded.pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        return f"bolt://127.0.0.1:{port}"

    try:
        yield wait_until(address, "it does not start")
    finally:
        guarded.stop(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def own_backup(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Acknowledged]:
    """A backup of a Neo4j of one's own, and what was acknowledged before it."""
    folder = tmp_path_factory.mktemp("own")
    file, data = folder / "own.tar.gz", folder / "data"
    with own_neo4j(settings, folder / "home", data) as uri:
        with (
            neo4j.GraphDatabase.driver(uri, auth=("neo4j", "neo4j")) as first,
            first.session(database="system") as session,
        ):
            session.run("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", new=PASSWORD).consume()
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", PASSWORD)) as driver:
            driver.execute_query("CREATE CONSTRAINT FOR (n:N) REQUIRE (n.t, n.k) IS UNIQUE")
            driver.execute_query("CREATE INDEX FOR (n:N) ON (n.v)")
            words = ("--neo4j-data", data, "--to", file)
            before = back_up_under_load(driver, "own", *words, NEO4J_URI=uri, NEO4J_PASSWORD=PASSWORD)
            assert len(list(data.glob("transactions/neo4j/neostore.transaction.db.*"))) > 2
        assert sorted(path.name for path in folder.iterdir()) == ["data", "home", "own.tar.gz"]
        refused = run("restore", file, "--neo4j-data", data)
        assert f"a Neo4j runs on {data}: stop it" in refused.output
    return file, before


@pytest.fixture(scope="module")
def running(
    own_backup: tuple[Path, Acknowledged], start: Start, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> RunningServer:
    """An embedded server with that backup."""
    data_dir = tmp_path_factory.mktemp("embedded") / "data"
    done = run("restore", own_backup[0], DATA_DIR=data_dir)
    assert done.exit_code == 0, done.output
    assert f"where NEO4J_VERSION is {settings.neo4j_version}\n" in done.output
    assert f"write the password of the user neo4j in the backup to {data_dir / 'neo4j-password'}" in done.output
    assert (data_dir / "neo4j" / "version").read_text() == settings.neo4j_version, (
        "no other version starts on these data"
    )
    (data_dir / "neo4j-password").write_text(PASSWORD)
    return start(data_dir)


def test_a_backup_of_a_neo4j_of_ones_own_restores_all_that_was_acknowledged_before_it(
    own_backup: tuple[Path, Acknowledged], running: RunningServer
) -> None:
    with connect(running.server.uri, PASSWORD) as driver:
        check(driver, own_backup[1])


def test_a_backup_of_the_embedded_neo4j_restores_all_that_was_acknowledged_before_it(
    own_backup: tuple[Path, Acknowledged], running: RunningServer, settings: Settings, tmp_path: Path
) -> None:
    server, folder = running.server, tmp_path / "backups"
    file, data_dir, data = folder / "embedded.tar.gz", tmp_path / "restored", tmp_path / "data"
    for new in (folder, data):
        new.mkdir()
    (server.data_dir / "secret-key").write_text("a key of 32 characters and some more")
    with connect(server.uri, server.password) as driver:
        before = back_up_under_load(driver, "embedded", "--to", file, DATA_DIR=server.data_dir)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(folder.iterdir()) == [file], "nothing is left beside the file"
    refused = run("restore", file, DATA_DIR=server.data_dir)
    assert (refused.exit_code, "a Neo4j runs on" in refused.output) == (1, True), refused.output

    assert run("restore", file, DATA_DIR=data_dir).exit_code == 0
    for name in ("secret-key", "neo4j-password", "neo4j/version"):
        assert (data_dir / name).read_bytes() == (server.data_dir / name).read_bytes()

    # A Neo4j of one's own gets what is its own, and the same files as an embedded one.
    done = run("restore", file, "--neo4j-data", data)
    assert "not restored: neo4j-password, neo4j/version, secret-key" in done.output
    assert contents(data) == contents(data_dir / backups.DATA)
    with own_neo4j(settings, tmp_path / "home", data) as uri, connect(uri, PASSWORD) as driver:
        check(driver, {**own_backup[1], **before})


def connect(uri: str, password: str) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(uri, auth=("neo4j", password))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A data directory laid out as Neo4j's, on which none runs."""
    data = tmp_path / "data"
    for name in ("neo4j", "system"):
        for folder, files in (
            ("databases", ("neostore.nodestore.db", "database_lock")),
            ("transactions", ("checkpoint.0",)),
        ):
            (data / folder / name).mkdir(parents=True)
            for file in files:
                (data / folder / name / file).write_bytes(os.urandom(10_000))
    (data / "server_id").write_text("1")
    return data


def write(data: Path, file: Path) -> None:
    backups.write(data, file, version=None, own={}, progress=lambda _line: None)


def test_a_stopped_neo4j_can_be_backed_up_and_the_version_is_not_known(stopped: Path, tmp_path: Path) -> None:
    file, data = tmp_path / "backup.tar.gz", tmp_path / "restored"
    kept = {name: content for name, content in contents(stopped).items() if not name.endswith("_lock")}
    done = run("backup", "--neo4j-data", stopped, "--to", file)
    assert (done.exit_code, "will not name the version" in done.output) == (0, True), done.output
    with tarfile.open(file) as archive:
        assert {member.mode for member in archive} == {0o600}, "what is unpacked alone is as secret"
    data.mkdir()
    assert run("restore", file, "--neo4j-data", data).exit_code == 0
    assert contents(data) == kept

    refused = run("restore", file, "--neo4j-data", data)
    assert refused.exit_code == 1
    assert f"{data} has data already (databases, server_id, transactions)" in refused.output
    assert contents(data) == kept


def test_a_log_that_is_begun_while_the_stores_are_copied_is_in_the_backup(stopped: Path, tmp_path: Path) -> None:
    store, log = stopped / "databases" / "neo4j" / "a store", stopped / "transactions" / "neo4j" / "a log"
    os.mkfifo(store)
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write, stopped, tmp_path / "backup.tar.gz")
        with store.open("wb"):  # waits for the copy to come here, which then waits for its end
            log.write_bytes(b"begun")
        written.result(PATIENCE_SECONDS)
    backups.restore(tmp_path / "backup.tar.gz", tmp_path / "data_dir", progress=lambda _line: None)
    assert (tmp_path / "data_dir" / backups.DATA / log.relative_to(stopped)).read_bytes() == b"begun"


def test_a_restored_file_has_the_owner_of_its_directory(stopped: Path, tmp_path: Path) -> None:
    data = tmp_path / "restored"
    data.mkdir()
    # Only root can give files away; for others the owner is themselves.
    owner = (NOBODY, NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(data, *owner)
    write(stopped, tmp_path / "backup.tar.gz")
    backups.restore_data(tmp_path / "backup.tar.gz", data, progress=lambda _line: None)
    assert {(path.stat().st_uid, path.stat().st_gid) for path in data.rglob("*")} == {owner}
    assert {path.stat().st_mode & 0o777 for path in data.rglob("*") if path.is_file()} == {0o600}


def test_what_is_no_data_directory_is_refused_with_what_to_name(stopped: Path, tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "nowhere", stopped / "server_id", stopped / "databases"):
        refused = run("backup", "--neo4j-data", wrong, "--to", tmp_path / "x")
        assert refused.exit_code == 1
        assert f"{wrong} has no database of Neo4j Community" in refused.output
    (stopped / "transactions" / "neo4j").rename(tmp_path / "elsewhere")
    refused = run("backup", "--neo4j-data", stopped, "--to", tmp_path / "x")
    assert f"{stopped} lacks transactions/neo4j: link the directory there" in refused.output

    (stopped / "transactions" / "neo4j").symlink_to(tmp_path / "elsewhere")
    assert run("backup", "--neo4j-data", stopped, "--to", tmp_path / "x").exit_code == 0
    refused = run("restore", tmp_path / "x", "--neo4j-data", tmp_path / "nowhere")
    assert f"there is no directory {tmp_path / 'nowhere'}" in refused.output


def test_another_users_data_are_refused_with_whom_to_be() -> None:
    with tempfile.TemporaryDirectory() as name, without_roots_rights(Path(name)) as folder:
        data = folder / "data"
        # The command itself, since this user may not read where `main` would import it from.
        refused = CliRunner().invoke(backup, ["--neo4j-data", str(data), "--to", str(folder / "x")], env={"HOME": name})
        assert isinstance(refused.exception, BackupError)
        assert f"cannot read {data / 'databases'}: run this as the user " in refused.exception.message
        assert f", whom {data} belongs to, or as root" in refused.exception.message
        if os.geteuid() == NOBODY:
            with pytest.raises(BackupError, match=f"cannot restore into {data}: run this as the user root, whom"):
                backups.restore_data(folder / "x", data, progress=lambda _line: None)


@contextmanager
def without_roots_rights(folder: Path) -> Iterator[Path]:
    """Make a directory `data` in a folder that this process may not read, whoever runs it."""
    (folder / "data").mkdir(mode=0o000)
    folder.chmod(0o777)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        (folder / "data").chmod(0o700)


def test_a_backup_overwrites_nothing_and_neither_does_restoring(stopped: Path, tmp_path: Path) -> None:
    file, data_dir = tmp_path / "backup.tar.gz", tmp_path / "data_dir"
    write(stopped, file)
    with pytest.raises(BackupError, match="exists: name another file"):
        write(stopped, file)
    (data_dir / "neo4j").mkdir(parents=True)
    with pytest.raises(BackupError, match=r"has data already \(neo4j\)"):
        backups.restore(file, data_dir, progress=lambda _line: None)

    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no backup", whole[:-2000] + b"x" * 1000 + whole[-1000:]):
        file.write_bytes(damaged)
        with pytest.raises(BackupError, match=r"damaged or no backup|is damaged"):
            backups.restore(file, tmp_path / "other", progress=lambda _line: None)
        assert [path.name for path in (tmp_path / "other").iterdir()] == ["neo4j.lock"]


def test_a_file_that_would_get_a_place_elsewhere_is_refused(tmp_path: Path) -> None:
    for name in ("../stray", str(tmp_path / "stray"), "neo4j/../../stray"):
        with tarfile.open(tmp_path / "x", "w:gz") as archive:
            for file, content in ((backups.MANIFEST, manifest_of(name)), (name, b"")):
                member = tarfile.TarInfo(file)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        with pytest.raises(BackupError, match="is damaged or no backup"):
            backups.restore(tmp_path / "x", tmp_path / "data_dir", progress=lambda _line: None)
        assert not list(tmp_path.rglob("stray"))


def manifest_of(name: str) -> bytes:
    files = {name: hashlib.sha256(b"").hexdigest()}
    return json.dumps({"format": backups.FORMAT, "version": None, "files": files}).encode()


def test_without_a_server_or_its_directory_a_backup_says_what_to_do(tmp_path: Path) -> None:
    asked = run("backup", "--to", tmp_path / "x", DATA_DIR=tmp_path)
    assert (asked.exit_code, "no Neo4j runs on" in asked.output) == (1, True)
    for words in (("backup", "--to", tmp_path / "x"), ("restore", tmp_path / "x")):
        asked = run(*words, NEO4J_URI="bolt://127.0.0.1:1")
        assert (asked.exit_code, "name its data directory with --neo4j-data" in asked.output) == (1, True)
