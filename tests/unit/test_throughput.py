"""The bench's clients wait for whole answers, accept no wrong one, and send what browsers send; its picture is an SVG."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import pytest

from bench.throughput import picture
from bench.throughput.door import Cpu, Measured
from bench.throughput.goal import Goal, rounded
from bench.throughput.load import Client, Load, WrongAnswerError, call
from bench.throughput.traffic import Traffic

KEYS = {"tenantId": "demo", "writeKey": "wk_1", "secretKey": "sk_1"}


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """Serve one connection on a port: each request of it gets the same answer, sent in parts."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while connection.recv(65_536):
                    for part in parts:
                        connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def calling(answers: list[bytes], times: int) -> Client:
    for _ in range(times):
        answers += [(yield b"GET / HTTP/1.1\r\n\r\n")]


def test_a_client_calls_again_when_all_of_an_answer_is_there() -> None:
    answers: list[bytes] = []
    with answering(b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r\nli", b"ve") as port:
        load = call(port, [calling(answers, 3)], seconds=60)
    assert answers == [b"live"] * 3
    assert len(load.latencies) == 3


def test_an_answer_with_another_status_ends_the_measurement() -> None:
    with (
        answering(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy") as port,
        pytest.raises(WrongAnswerError, match="busy"),
    ):
        call(port, [calling([], 3)], seconds=60)


def test_a_visit_is_a_whole_request_with_its_own_fingerprint_and_address() -> None:
    traffic = Traffic(KEYS)
    requests = [next(traffic.visiting()).decode().partition("\r\n\r\n") for _ in range(2)]
    for head, _, body in requests:
        assert head.startswith("POST /eventTracking/init HTTP/1.1\r\n")
        assert f"Content-Length: {len(body)}" in head
        assert "User-Agent: Mozilla/5.0" in head
    sent = [json.loads(body) for _, _, body in requests]
    assert sent[0]["fingerprint"]["visitorId"] != sent[1]["fingerprint"]["visitorId"]
    assert sent[0]["messageId"] != sent[1]["messageId"]
    assert len(sent[0]["fingerprint"]["components"]) > 10
    assert {"20.0.0.0", "20.0.0.1"} == {head.partition("X-Forwarded-For: ")[2].split()[0] for head, _, _ in requests}


def test_a_client_does_not_accept_an_answer_that_is_not_its_visitors() -> None:
    client = Traffic(KEYS).visiting()
    next(client)
    with pytest.raises(WrongAnswerError, match="not what was expected"):
        client.send(b'{"isNewVisitor": false}')


def test_the_picture_is_an_svg_with_a_point_for_each_number_of_clients() -> None:
    measured = {
        name: {
            clients: Measured(Load([[0.01 * clients] * 50], 5.0 / rate), Cpu(1.0, 2.0, 0.1)) for clients in (1, 16, 256)
        }
        for name, rate in (("init", 1.0), ("track", 2.5))
    }
    root = ET.fromstring(picture.svg(measured))  # noqa: S314 - our own
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names.count("polyline") == 4
    assert names.count("circle") == 12


def test_a_goal_is_met_on_its_bound_and_says_when_it_was_not_measured() -> None:
    assert Goal("rate", 1.0, 1.0).row() == ("rate", "1.00", "≥ 1", "yes")
    assert Goal("p99", 301.2, 300, is_least=False, unit=" ms").row() == ("p99", "301 ms", "≤ 300 ms", "no")
    assert Goal("deadlocks", None, 0, is_least=False).row() == ("deadlocks", "not counted", "≤ 0", "?")
    assert [rounded(figure) for figure in (0.04561, 4.561, 45.61, 456.1, 0)] == [
        "0.0456",
        "4.56",
        "45.6",
        "456",
        "0.00",
    ]
