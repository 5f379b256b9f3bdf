"""The worker that gunicorn runs, in which no thread ever waits for a client.

gunicorn's own worker gives a connection to a thread once its first bytes are there. The thread then waits for the rest of
the request, and later until the client has taken the answer. As many slow clients as there are threads stop such a
service: with 200 connections that had sent half a header, `/health/live` did not answer at all.

Here the worker's main thread waits for all clients at once. A thread gets a request when all of it is there, and leaves
to the main thread what the client has not yet taken of the answer.
"""

import errno
import json
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from app import errors
from app.enrichment.client_ip import client_ip
from app.incoming import HEADER_BYTES_MAX, Incoming
from app.shares import Callers, Shares, Whose
from graph.rules.addresses import kept

#: How long a client may go on sending after the last answer. If the service closed at once, the rest of what the client
#: sends would delete the answer on its way (RFC 9112, 9.6).
LINGER_SECONDS = 2.0
PART_BYTES = 65_536
#: What operators ask, each answered by threads of its own, whatever all other threads do. A probe of a database that
#: hangs takes 2 s, so the two of health are kept apart.
OPERATORS_PATHS = (b"/health/live", b"/health/ready", b"/metrics")
OWN_THREADS = 2
#: How many requests for one of these paths wait or are answered at once, at most: less than a third of the connections.
OWN_MAX = 256
#: How many of the largest requests a worker keeps in memory while they come in, wait, or their answers go out.
LARGEST_REQUESTS = 16
_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)
#: How long the main thread waits for files if all are in use by requests that are being answered.
FILES_SECONDS = 0.02


class Line:
    """A client's socket as a thread sees it: it reads what has come in, and writes without waiting."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._connected = connected
        self.received = bytearray()
        #: Whether a thread asked for more bytes than the request has. Nobody knows where the next request begins then.
        self.ran_out = False
        self.unsent = bytearray()

    def fileno(self) -> int:
        return self._connected.fileno()

    def setblocking(self, _flag: bool) -> None:  # noqa: FBT001 - as of a socket
        """Do nothing: it never blocks."""

    def gettimeout(self) -> float:
        return 0.0

    def recv(self, size: int) -> bytes:
        """Return bytes of the request; none at its end."""
        found = bytes(self.received[:size])
        del self.received[:size]
        self.ran_out = self.ran_out or not found
        return found

    def send(self, data: bytes) -> int:
        """Do nothing: gunicorn sends `100 Continue` so, and the worker has sent it before."""
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send what the client takes now, and keep the rest for the main thread."""
        sent = 0 if self.unsent else self._send(data)
        if sent < len(data):
            self.unsent += memoryview(data)[sent:]

    def receive(self) -> bytes | None:
        """Return what has come in; nothing at the end of the connection, or if it broke, and None if there is nothing yet."""
        try:
            return self._connected.recv(PART_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def send_on(self) -> bool:
        """Send what is left of the answer; return whether that was all."""
        del self.unsent[: self._send(self.unsent)]
        return not self.unsent

    def say(self, data: bytes) -> None:
        """Send a few bytes; a client that takes nothing does not get them."""
        with suppress(OSError):
            self._connected.send(data)

    def shutdown(self, _how: int) -> None:
        """Refuse: only the main thread waits for the client to close."""
        raise OSError(errno.ENOTSUP, "the main thread ends the connection")

    def end_answer(self) -> None:
        with suppress(OSError):
            self._connected.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with suppress(OSError):
            self._connected.close()

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._connected.send(data)
        except BlockingIOError:
            return 0


class Connection(TConn):
    """A connection, and what it waits for."""

    def __init__(self, cfg: Any, line: Line, client: Any, server: Any, body_bytes_max: int) -> None:
        super().__init__(cfg, line, client, server)
        self.line = line
        self.incoming = Incoming(body_bytes_max)
        self.waiting: Waiting | None = None
        self.waits_since = 0.0
        self.deadline = 0.0
        #: Whether another request may follow.
        self.is_kept = False
        #: How many of its bytes are in memory.
        self.held_bytes = 0
        #: Whose share of the threads it uses, or waits for.
        self.callers: Callers | None = None
        #: The path whose own threads answer it.
        self.own_path: bytes | None = None


class Waiting(dict[Connection, None]):
    """Connections that wait for their clients, each as long; the one with the first deadline comes first."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Worker(ThreadWorker):
    """Reads requests and writes answers in its main thread, and gives whole requests to its threads."""

    #: How long a request may take to come in, and its answer to be taken. A subclass sets it.
    request_seconds: float
    #: The largest body that a call may have, in bytes. A subclass sets it.
    body_bytes_max: int
    #: How many proxies in front of the service name the client's address. A subclass sets it.
    trusted_proxies: int

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving = Waiting(self.request_seconds)
        self._answering = Waiting(self.request_seconds)
        self._lingering = Waiting(LINGER_SECONDS)
        self._held_bytes = 0
        self._shares: Shares[Connection] = Shares(self.cfg.threads)
        self._own_threads: dict[bytes, ThreadPoolExecutor] = {}
        self._own_running = dict.fromkeys(OPERATORS_PATHS, 0)

    def init_process(self) -> None:
        """Start the threads, and serve; gunicorn calls it in the worker's process, which has no thread that was started before."""
        self._own_threads = {path: _threads(OWN_THREADS, path.decode()) for path in OPERATORS_PATHS}
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return the threads that answer calls."""
        return _threads(self.cfg.threads, "calls")

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, and what it has sent already."""
        try:
            connected, client = listener.accept()
        except OSError as error:
            # Without a connection to close, the loop would come back here at once, again and again.
            if error.errno in _NO_MORE_FILES and not self._close_oldest():
                time.sleep(FILES_SECONDS)
            return
        self.nr_conns += 1
        self._read(Connection(self.cfg, Line(connected), client, listener.getsockname(), self.body_bytes_max))

    def enqueue_req(self, conn: Connection) -> None:
        """Give a request to a thread; some paths have threads of their own, so that no call keeps them waiting.

        A request is refused here if too many wait: what waits for a thread can be ended by nothing else.
        """
        path = conn.incoming.path
        if path in self._own_threads:
            if self._own_running[path] >= OWN_MAX:
                self._refuse(conn, _too_many())
                return
            conn.own_path = path
            self._own_running[path] += 1
            self._run(conn, self._own_threads[path])
            return
        callers = self._callers(conn)
        if self._holds_too_much() or not self._shares.has_room(callers):
            self._refuse(conn, _too_many())
            return
        conn.callers = callers
        self._shares.add(conn, callers)
        self._run_waiting()

    def on_client_socket_readable(self, conn: Connection, client: Line) -> None:
        """Take the beginning of the next request on a connection that was kept."""
        try:
            self.poller.unregister(client)
        except (KeyError, ValueError):
            # It was closed since it became readable.
            return
        self.keepalived_conns.remove(conn)
        self._read(conn)

    def handle(self, conn: Connection) -> bool:
        """Answer a request, in a thread; return whether the connection may have another one."""
        conn.init()
        return bool(super().handle(conn)) and not conn.line.ran_out

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request that gunicorn has parsed, in a thread."""
        if conn.incoming.is_cut:
            # The rest of it must not be read as another request.
            req.force_close()
        return bool(super().handle_request(req, conn))

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:
        """Send what the client has not taken of the answer, in the main thread."""
        conn.is_kept = not fs.cancelled() and fs.exception() is None and fs.result()
        if conn.own_path is not None:
            self._own_running[conn.own_path] -= 1
            conn.own_path = None
        if conn.callers is not None:
            self._shares.end(conn.callers)
            conn.callers = None
            self._run_waiting()
        self._hold(conn, len(conn.line.unsent))
        if conn.line.unsent:
            self._wait(conn, self._answering, selectors.EVENT_WRITE, self._on_room)
        else:
            self._go_on(conn)

    def murder_pending(self) -> None:
        """Close connections whose time is over, and the oldest if there are too many; gunicorn calls it in its loop."""
        now = time.monotonic()
        for waiting in (self._arriving, self._answering, self._lingering):
            while waiting and (oldest := next(iter(waiting))).deadline <= now:
                self._end(oldest)
        while self.nr_conns >= self.worker_connections and self._close_oldest():
            pass
        while self._holds_too_much() and self._close_largest():
            pass
        if not self.alive:
            for conn in [conn for conn in self._arriving if not conn.incoming.data]:
                self._close(conn)

    def _run(self, conn: Connection, threads: ThreadPoolExecutor) -> None:
        answered = threads.submit(self.handle, conn)
        answered.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def _run_waiting(self) -> None:
        for conn in self._shares.take():
            self._run(conn, self.tpool)

    def _callers(self, conn: Connection) -> Callers:
        """Return whose threads a call uses: the client's, as a page or as a server, and those of the key that it shows.

        Nobody has looked the key up, so it takes no caller out of the share of its address.
        """
        header = conn.incoming.header
        shown = header(b"authorization")
        forwarded = header(b"x-forwarded-for").decode("latin-1") if self.trusted_proxies else None
        peer = conn.client[0] if isinstance(conn.client, tuple) else None
        address = kept(client_ip(peer, forwarded, self.trusted_proxies))
        whose: Whose = "server" if shown.startswith(b"bearer ") else "address"
        key = header(b"x-write-key") or shown
        return ((whose, address), ("key", key.decode("latin-1"))) if key else ((whose, address),)

    def _read(self, conn: Connection) -> None:
        """Take what has come in; nothing at all is the end of the connection."""
        part = conn.line.receive()
        if part == b"":
            self._close(conn)
        else:
            self._take(conn, part or b"")

    def _take(self, conn: Connection, part: bytes) -> None:
        """Add bytes to the request; give it to a thread if it is whole, else wait for the rest."""
        incoming = conn.incoming
        incoming.add(part)
        self._hold(conn, len(incoming.data))
        if incoming.is_complete:
            self._wait_no_longer(conn)
            if incoming.has_no_header:
                self._refuse(conn, errors.HeaderTooLarge(f"the header has over {HEADER_BYTES_MAX} bytes"))
                return
            conn.line.received = incoming.data
            self.enqueue_req(conn)
            return
        if incoming.expects_continue:
            incoming.expects_continue = False
            conn.line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        if conn.waiting is None:
            self._wait(conn, self._arriving, selectors.EVENT_READ, self._on_part)

    def _go_on(self, conn: Connection) -> None:
        """Wait for the next request if the connection is kept, else for the client to close it."""
        if not conn.is_kept:
            self._linger(conn)
            return
        conn.incoming = Incoming(self.body_bytes_max)
        early = conn.parser.unreader.take_buffered() + bytes(conn.line.received)
        conn.line.received = bytearray()
        if early:
            self._take(conn, early)
            return
        conn.waits_since = time.monotonic()
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self.poller.register(conn.line, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _linger(self, conn: Connection) -> None:
        conn.line.end_answer()
        self._wait(conn, self._lingering, selectors.EVENT_READ, self._on_rest)

    def _on_part(self, conn: Connection, _line: Line) -> None:
        if conn.waiting is self._arriving:
            self._read(conn)

    def _on_room(self, conn: Connection, _line: Line) -> None:
        """Send on, to a client that has taken a part of its answer."""
        if conn.waiting is not self._answering:
            return
        try:
            is_sent = conn.line.send_on()
        except OSError:
            self._close(conn)
            return
        if is_sent:
            self._wait_no_longer(conn)
            self._hold(conn, 0)
            self._go_on(conn)

    def _on_rest(self, conn: Connection, _line: Line) -> None:
        """Drop what comes after the last answer, until the client closes."""
        if conn.waiting is self._lingering and conn.line.receive() == b"":
            self._close(conn)

    def _wait(
        self, conn: Connection, waiting: Waiting, event: int, callback: Callable[[Connection, Line], None]
    ) -> None:
        conn.waits_since = time.monotonic()
        conn.deadline = conn.waits_since + waiting.seconds
        conn.waiting = waiting
        waiting[conn] = None
        try:
            self.poller.register(conn.line, event, partial(callback, conn))
        except (OSError, ValueError):
            # The thread has closed it: gunicorn does so if an answer fails half-way.
            self._close(conn)

    def _wait_no_longer(self, conn: Connection) -> None:
        if conn.waiting is not None:
            del conn.waiting[conn]
            conn.waiting = None
            with suppress(KeyError, ValueError):
                self.poller.unregister(conn.line)

    def _close(self, conn: Connection) -> None:
        self._wait_no_longer(conn)
        self._hold(conn, 0)
        self.nr_conns -= 1
        conn.close()

    def _end(self, conn: Connection) -> None:
        """Close a connection whose time is over; a client that has sent a part of a request is told why."""
        if conn.waiting is self._arriving and conn.incoming.data:
            self._wait_no_longer(conn)
            self._refuse(conn, errors.TooSlow(f"the request took longer than {self.request_seconds:g} s to come in"))
        else:
            self._close(conn)

    def _refuse(self, conn: Connection, problem: Exception) -> None:
        """Answer a request that no thread has seen, and close its connection."""
        self._hold(conn, 0)
        conn.incoming = Incoming(self.body_bytes_max)
        conn.line.received = bytearray()
        conn.line.say(_answer(problem))
        self._linger(conn)

    def _hold(self, conn: Connection, count: int) -> None:
        self._held_bytes += count - conn.held_bytes
        conn.held_bytes = count

    def _holds_too_much(self) -> bool:
        return self._held_bytes > LARGEST_REQUESTS * self.body_bytes_max

    def _close_largest(self) -> bool:
        """Close the connection that holds most while it waits for its client; return whether any holds something."""
        waiting = [conn for queue in (self._arriving, self._answering) for conn in queue if conn.held_bytes]
        if waiting:
            self._close(max(waiting, key=lambda conn: conn.held_bytes))
        return bool(waiting)

    def _close_oldest(self) -> bool:
        """Close the connection that has waited longest for its client; return whether there was any."""
        queues = (self._lingering, self._arriving, self._answering, self.keepalived_conns)
        oldest: Connection | None = min(
            (next(iter(queue)) for queue in queues if queue), key=lambda conn: conn.waits_since, default=None
        )
        if oldest is None:
            return False
        if oldest.waiting is None:
            self.keepalived_conns.popleft()
            self.poller.unregister(oldest.line)
        self._close(oldest)
        return True


def _threads(count: int, name: str) -> ThreadPoolExecutor:
    """Return threads that have all started: where the system allows no more, the worker ends now and not amid calls."""
    threads = ThreadPoolExecutor(count, name)
    all_started = threading.Barrier(count + 1)
    try:
        for _ in range(count):
            threads.submit(all_started.wait)
        all_started.wait()
    except BaseException:
        # Those that have started would wait for the others for ever.
        all_started.abort()
        raise
    return threads


def _too_many() -> Exception:
    why = "more requests of this caller wait than the service lets wait"
    return errors.TooManyRequests(why, retry_after_seconds=1)


def _answer(problem: Exception) -> bytes:
    """Return the answer to a request that no thread has seen; any page may read it, since it says nothing of anybody."""
    item = errors.answer_item(problem)
    body = json.dumps(item).encode()
    status = HTTPStatus(item["status"])
    again = f"Retry-After: {problem.retry_after_seconds}\r\n" if isinstance(problem, errors.TooManyRequests) else ""
    return (
        f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: application/problem+json\r\n{again}"
        f"Access-Control-Allow-Origin: *\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body
