"""Start a complete service for one benchmark, as `make run` does, on free ports and an empty data directory."""

import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from graph import embedded

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 600.0
SECRET = "k" * 32
#: Benchmarks call from one address with one key, as fast as they can, so the limits must not apply.
UNLIMITED = {
    **dict.fromkeys(("RATE_LIMIT_PER_ADDRESS", "RATE_LIMIT_PER_KEY"), "1000000/second"),
    **dict.fromkeys(("RATE_LIMIT_BYTES_PER_ADDRESS", "RATE_LIMIT_BYTES_PER_KEY"), "1000000000/second"),
}


@dataclass(frozen=True)
class Service:
    """A running service: its port, its process, its tenant's keys, and how long it took to be ready."""

    port: int
    pid: int
    data_dir: Path
    keys: dict[str, str]
    started_seconds: float

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def post(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: dict[str, Any],
        address: str | None = None,
        agent: str | None = None,
    ) -> dict[str, Any]:
        """Post with the write key, from an address behind a proxy; raises `RuntimeError` for any status but 200."""
        headers = {"Content-Type": "application/json", "X-Write-Key": self.keys["writeKey"]}
        if agent is not None:
            headers["User-Agent"] = agent
        if address is not None:
            headers["X-Forwarded-For"] = address
        connection.request("POST", path, json.dumps(body), headers)
        return _answer(connection, path)

    def get(self, connection: http.client.HTTPConnection, path: str) -> dict[str, Any]:
        """Read with the secret key; raises `RuntimeError` for any status but 200."""
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.keys['secretKey']}"})
        return _answer(connection, path)


def _answer(connection: http.client.HTTPConnection, path: str) -> dict[str, Any]:
    response = connection.getresponse()
    text = response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path}: {response.status} {text[:300]!r}")
    return dict(json.loads(text))


@contextmanager
def serve(data_dir: Path | None = None, **settings: str) -> Iterator[Service]:
    """Start the service, wait until it is ready, and stop it at the end."""
    with tempfile.TemporaryDirectory() as place:
        directory = data_dir or Path(place)
        started = time.monotonic()
        with listening(["-m", "app", "run"], directory, **settings) as (port, pid):
            seconds = time.monotonic() - started
            keys = json.loads((directory / "demo-tenant.json").read_text())
            yield Service(port, pid, directory, keys, seconds)


@contextmanager
def graph(data_dir: Path) -> Iterator[Settings]:
    """The settings of a command: with the Neo4j of `NEO4J_URI`, whose schema is up to date, or else with one of its own."""
    given = {"SECRET_KEY": SECRET, "DATA_DIR": str(data_dir)}
    if os.environ.get("NEO4J_URI"):
        yield Settings.from_environment({**os.environ, **given})
        return
    with serve(JOBS_INTERVAL_SECONDS="0") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        found = {"NEO4J_URI": server.uri, "NEO4J_USER": server.user, "NEO4J_PASSWORD": server.password}
        yield Settings.from_environment({**found, **given})


@contextmanager
def listening(
    arguments: list[str], data_dir: Path, ready: str = "/health/ready", **settings: str
) -> Iterator[tuple[int, int]]:
    """Run Python with these arguments, wait until its free port answers `ready`, and stop it at the end."""
    port = int(settings.get("PORT", free_port()))
    environ = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        **UNLIMITED,
        **settings,
    }
    started = time.monotonic()
    with (data_dir / f"log-{port}.txt").open("w+") as log:
        process = subprocess.Popen([sys.executable, *arguments], cwd=CHECKOUT, env=environ, stdout=log, stderr=log)
        try:
            while not is_ready(port, ready):
                if process.poll() is not None or time.monotonic() - started > START_SECONDS:
                    log.seek(0)
                    raise RuntimeError(log.read())
                time.sleep(0.02)
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def setting() -> str:
    """Describe the machine and the versions that a figure was measured with."""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"Neo4j {os.environ.get('NEO4J_VERSION', '2026.08.1')} embedded, {time.strftime('%Y-%m-%d')}"
    )


def percentile(seconds: list[float], share: float) -> float:
    """Return a percentile in milliseconds; `share` is 0–1, so 0.99 gives the p99."""
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]
