"""Clients that send slowly, or take no answer, keep no thread of gunicorn's from others."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from app.config import CHECKOUT, Settings
from graph.acts.tenants import TenantKeys
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until

MANY = 200
HALF_A_HEADER = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Half: "
HALF_A_BODY = (
    b"POST /eventTracking/init HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
)


@dataclass(frozen=True)
class Running:
    """A gunicorn with one worker of two threads."""

    port: int
    keys: TenantKeys

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def live(self) -> int:
        return requests.get(f"{self.url}/health/live", timeout=PATIENCE_SECONDS).status_code

    def init(self) -> int:
        visit = {"writeKey": self.keys.write_key, "fingerprint": {"visitorId": "f-1"}}
        return requests.post(f"{self.url}/eventTracking/init", json=visit, timeout=PATIENCE_SECONDS).status_code


Start = Callable[..., Running]


@pytest.fixture
def start(settings: Settings, tenant: TenantKeys, tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def gunicorn(**given: str) -> Running:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            environ = {
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(settings.data_dir),
                "NEO4J_URI": settings.neo4j_uri or "",
                "NEO4J_USER": settings.neo4j_user,
                "NEO4J_PASSWORD": settings.neo4j_password,
                "SECRET_KEY": settings.secret_key or "",
                "PORT": str(port),
                "WORKERS": "1",
                "THREADS": "2",
                "JOBS_INTERVAL_SECONDS": "0",
                "MAX_REQUEST_SECONDS": str(int(FOREVER_SECONDS)),
                **given,
            }
            log = running.enter_context((tmp_path / "log").open("w+"))
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=CHECKOUT, env=environ, stdout=log, stderr=log
            )
            running.callback(process.wait, PATIENCE_SECONDS)
            running.callback(process.send_signal, signal.SIGTERM)

            def is_ready() -> bool:
                assert process.poll() is None, (tmp_path / "log").read_text()
                try:
                    return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE_SECONDS).ok
                except requests.ConnectionError:
                    return False

            wait_until(is_ready, (tmp_path / "log").read_text)
            return Running(port, tenant)

        yield gunicorn


def is_open(client: socket.socket) -> bool:
    """Whether the service has neither answered nor closed."""
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) is None
    except BlockingIOError:
        return True


def everything_from(client: socket.socket) -> bytes:
    """Receive until the service closes."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_half_requests_keep_nobody_from_an_answer(start: Start) -> None:
    running = start()
    with ExitStack() as opened:
        clients = [opened.enter_context(running.connect()) for _ in range(2 * MANY)]
        for number, client in enumerate(clients):
            client.sendall((HALF_A_HEADER, HALF_A_BODY)[number % 2])
        assert (running.live(), running.init()) == (200, 200)
        assert all(is_open(client) for client in clients), "the answers came because the others were closed"
        # What is slow is answered all the same.
        clients[0].setblocking(True)
        clients[0].sendall(b"done\r\n\r\n")
        assert clients[0].recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_answers_that_nobody_takes_keep_nobody_from_an_answer(start: Start) -> None:
    running = start()
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.socket()) for _ in range(8)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(PATIENCE_SECONDS)
            client.connect(("127.0.0.1", running.port))
            client.sendall(b"GET /docs/ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (running.live(), running.init()) == (200, 200)
        head, _, body = everything_from(clients[0]).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"


def test_a_request_that_takes_too_long_is_408_and_one_that_never_began_is_closed(start: Start) -> None:
    running = start(MAX_REQUEST_SECONDS="1")
    with running.connect() as header, running.connect() as body, running.connect() as nothing:
        header.sendall(HALF_A_HEADER)
        body.sendall(HALF_A_BODY)
        for client in (header, body):
            head, _, problem = everything_from(client).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408 ")
            assert json.loads(problem)["code"] == "request_timeout"
        assert nothing.recv(1) == b""
    assert running.live() == 200


def test_more_connections_than_a_worker_may_have_close_the_oldest(start: Start) -> None:
    running = start(GUNICORN_CMD_ARGS="--worker-connections 20")
    with ExitStack() as opened:
        clients = [opened.enter_context(running.connect()) for _ in range(40)]
        for client in clients:
            client.sendall(HALF_A_HEADER)
        assert (running.live(), running.init()) == (200, 200)
        assert clients[0].recv(1) == b""
        assert is_open(clients[-1])


def test_requests_come_in_every_form_that_http_has(start: Start) -> None:
    running = start()
    visit = json.dumps({"writeKey": running.keys.write_key, "fingerprint": {"visitorId": "f-1"}}).encode()
    chunked = requests.post(
        f"{running.url}/eventTracking/init",
        data=iter([visit[:10], visit[10:]]),
        headers={"Content-Type": "application/json"},
        timeout=PATIENCE_SECONDS,
    )
    assert chunked.status_code == 200, chunked.text

    with running.connect() as client:
        head = b"POST /eventTracking/init HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        client.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(visit))
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(visit)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")

    with running.connect() as client:
        live = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
        client.sendall(2 * (live + b"\r\n") + live + b"Connection: close\r\n\r\n")
        answers = everything_from(client)
        assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b'{"status":"live"}') == 3

    connection = HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE_SECONDS)
    connection.putrequest("POST", "/eventTracking/init")
    for name, value in {
        "X-Write-Key": running.keys.write_key,
        "Content-Type": "application/json",
        "Content-Length": "99000000",
    }.items():
        connection.putheader(name, value)
    connection.endheaders(b"{")
    refused = connection.getresponse()
    assert (refused.status, json.loads(refused.read())["code"]) == (413, "too_large")
    assert connection.sock is None, "what follows a body that was not read is no request"
