"""Call a service as many clients that each wait for their answer, at as little cost as Python allows.

The clients share two cores with the service. So one thread waits for all connections at once, requests are bytes that
are ready to send, and of an answer only the status and the length are looked at.
"""

import selectors
import socket
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from bench.service import percentile

#: One client: yields requests, and is sent the body of each answer. Its end is the end of its calls.
Client = Generator[bytes, bytes, None]

#: A client waits no longer for an answer. No request of the service takes as long.
PATIENCE_SECONDS = 60.0
PART_BYTES = 65_536


class WrongAnswerError(RuntimeError):
    """An answer is not what was expected, so its time means nothing."""


@dataclass(frozen=True)
class Load:
    """The seconds that each call took, by client, and how long all of them took together."""

    clients: list[list[float]]
    seconds: float

    @property
    def latencies(self) -> list[float]:
        return [one for client in self.clients for one in client]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return sum(len(client) for client in self.clients) / self.seconds

    def percentile(self, share: float) -> float:
        """Return a percentile of all calls in milliseconds; `share` is 0–1."""
        return percentile(self.latencies, share)


@dataclass
class _Caller:
    """A client, its connection, and the answer that is arriving on it."""

    client: Client
    port: int
    selector: selectors.BaseSelector
    latencies: list[float] = field(default_factory=list)
    request: bytes = b""
    sent: float = 0.0
    received: bytes = b""
    _connection: socket.socket = field(init=False)
    _is_kept: bool = False

    def __post_init__(self) -> None:
        self._connect()

    def go_on(self, answer: bytes | None, until: float) -> None:
        """Take an answer (None at the beginning), and send the next request, or close the connection after the last."""
        now = time.perf_counter()
        if answer is not None:
            self.latencies.append(now - self.sent)
        try:
            self.request = next(self.client) if answer is None else self.client.send(answer)
        except StopIteration:
            self.close()
            return
        if now >= until and answer is not None:
            self.close()
            return
        self.sent = time.perf_counter()
        self._connection.sendall(self.request)

    def receive(self) -> bytes | None:
        """Return the body of the answer when all of it is there; raise `WrongAnswerError` for any status but 200."""
        try:
            part = self._connection.recv(PART_BYTES)
        except ConnectionResetError:
            part = b""
        if not part:
            self._send_again()
            return None
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]):
            return None
        if not head.startswith(b"HTTP/1.1 200 "):
            raise WrongAnswerError(self.received[:1000].decode(errors="replace"))
        self.received, self._is_kept = b"", True
        return body

    def close(self) -> None:
        """Close the connection; the second time does nothing."""
        if self._connection.fileno() >= 0:
            self.selector.unregister(self._connection)
            self._connection.close()

    def _send_again(self) -> None:
        """Send the request on another connection, as clients do: a server may close one that it believes is idle."""
        if self.received or not self._is_kept:
            raise WrongAnswerError("the service closed a connection on which it was to answer")
        self.close()
        self._connect()
        self._connection.sendall(self.request)

    def _connect(self) -> None:
        self._is_kept = False
        self._connection = socket.create_connection(("127.0.0.1", self.port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(self._connection, selectors.EVENT_READ, self)


def call(port: int, clients: Sequence[Client], seconds: float) -> Load:
    """Let clients call for some seconds, each again when it has its answer; every call that began is waited for."""
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        callers = [opened.enter_context(closing(_Caller(client, port, selector))) for client in clients]
        started = time.perf_counter()
        deadline = started + seconds
        for caller in callers:
            caller.go_on(None, deadline)
        while selector.get_map():
            ready = selector.select(PATIENCE_SECONDS)
            if not ready:
                raise WrongAnswerError(f"no answer in {PATIENCE_SECONDS:g} s")
            for key, _ in ready:
                answer = key.data.receive()
                if answer is not None:
                    key.data.go_on(answer, deadline)
        return Load([caller.latencies for caller in callers], time.perf_counter() - started)
