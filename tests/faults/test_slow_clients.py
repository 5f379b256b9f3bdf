"""Clients that send slowly, or take no answer, keep no thread of gunicorn's from others."""

import json
import socket
from contextlib import ExitStack, suppress
from http.client import HTTPConnection

import requests

from tests.faults.gunicorn import Start, is_open
from tests.patience import PATIENCE_SECONDS

MANY = 200
HALF_A_HEADER = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Half: "
HALF_A_BODY = (
    b"POST /eventTracking/init HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
)


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


def test_a_header_without_end_is_431(start: Start) -> None:
    running = start()
    with running.connect() as client:
        client.sendall(HALF_A_HEADER + 70_000 * b"x")
        head, _, problem = everything_from(client).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 ")
        assert json.loads(problem)["code"] == "header_too_large"
    assert running.live() == 200


def test_more_connections_than_a_worker_may_have_close_the_oldest(start: Start) -> None:
    running = start(GUNICORN_CMD_ARGS="--worker-connections 20")
    with ExitStack() as opened:
        clients = [opened.enter_context(running.connect()) for _ in range(40)]
        for client in clients:
            client.sendall(HALF_A_HEADER)
        assert (running.live(), running.init()) == (200, 200)
        # The kernel may end a connection by a reset: what the client sent was not read.
        with suppress(ConnectionResetError):
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
