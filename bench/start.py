"""Time starts and the calls right after them: `python -m bench.start`.

For each setting (alone; both cores busy; 16 clients that wait for the start) the service is started twice on one data
directory: first it is empty, then it has the first start's data. With --download the cache of Neo4j's files is empty, too.
The five calls are those of the README: `init`, `track`, `identify`, the user's journey, the user's visitors.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.service import Service, free_port, serve, setting

CLIENTS = 16
SETTINGS = ("alone", "busy", "waiting")
CALLS = ("init", "track", "identify", "journey", "visitors")


@dataclass
class Waiting:
    """Clients that send `init` from before the start, each until it is answered."""

    port: int
    keys: Path
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def run(self, number: int) -> Iterator[None]:
        """Let so many clients wait while the service starts."""
        threads = [threading.Thread(target=self._call, args=(each,)) for each in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()

    def _call(self, number: int) -> None:
        while not self.is_over.wait(0.1):
            if not self.keys.exists():
                continue
            started = time.monotonic()
            status = self._status(number)
            if status is not None:
                self.statuses[status] += 1
            if status == http.client.OK:
                self.seconds.append(time.monotonic() - started)
                return

    def _status(self, number: int) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json", "X-Write-Key": json.loads(self.keys.read_text())["writeKey"]}
            visit = json.dumps({"fingerprint": {"visitorId": f"waiting {number}"}})
            connection.request("POST", "/eventTracking/init", visit, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()


@dataclass
class Figures:
    """What was measured at one kind of start, over all rounds."""

    ready: list[float] = field(default_factory=list)
    calls: list[list[float]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)

    def report(self, name: str) -> None:
        """Print medians, with the range of each call's time."""
        columns = [sorted(column) for column in zip(*self.calls, strict=True)]
        listed = ", ".join(
            f"{call} {statistics.median(column):.0f} ({column[0]:.0f}-{column[-1]:.0f})"
            for call, column in zip(CALLS, columns, strict=True)
        )
        print(f"{name}: ready after {statistics.median(self.ready):.1f} s; then, in ms, {listed}", flush=True)
        if self.waited:
            answers = ", ".join(f"{number} x {status}" for status, number in sorted(self.statuses.items()))
            print(f"  the waiting clients got {answers}; the last 200 of a client took up to {max(self.waited):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--download", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=SETTINGS, help="Measure in one setting only")
    arguments = parser.parse_args()
    print(f"{setting()}; load before: {os.getloadavg()[0]:.1f}")
    for name in [arguments.only] if arguments.only else SETTINGS:
        kinds = {"first": Figures(), "second": Figures()}
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as place, spinning(os.cpu_count() or 1 if name == "busy" else 0):
                given = {"CACHE_DIR": f"{place}/cache"} if arguments.download else {}
                for figures in kinds.values():
                    measure(figures, Path(place) / "data", CLIENTS if name == "waiting" else 0, given)
        for start, figures in kinds.items():
            figures.report(f"{name}, {start} start")


def measure(figures: Figures, data_dir: Path, clients: int, given: dict[str, str]) -> None:
    """Start the service once, make the five calls, and add to the figures."""
    port = free_port()
    waiting = Waiting(port, data_dir / "demo-tenant.json")
    with waiting.run(clients), serve(data_dir, PORT=str(port), **given) as service:
        figures.ready.append(service.started_seconds)
        figures.calls.append(first_calls(service))
        while len(waiting.seconds) < clients:
            time.sleep(0.05)
    figures.statuses += waiting.statuses
    figures.waited += waiting.seconds


def first_calls(service: Service) -> list[float]:
    """Make the five calls, and return how many milliseconds each took."""
    connection = service.connection()
    taken = []

    def timed(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        started = time.monotonic()
        answer = call()
        taken.append(1000 * (time.monotonic() - started))
        return answer

    visit = {"fingerprint": {"visitorId": "laptop"}, "page": {"url": "https://shop.example/"}}
    begun = timed(lambda: service.post(connection, "/eventTracking/init", visit))
    event = {"sessionId": begun["sessionId"], "eventName": "search", "properties": {"for": "shoes"}}
    timed(lambda: service.post(connection, "/eventTracking/track", event))
    login = {"sessionId": begun["sessionId"], "userProperties": {"userId": "anna"}}
    timed(lambda: service.post(connection, "/eventTracking/identify", login))
    for path in ("/api/v1/users/anna/journey", "/api/v1/users/anna/visitors"):
        timed(lambda path=path: service.get(connection, path))  # type: ignore[misc]
    connection.close()
    return taken


@contextmanager
def spinning(number: int) -> Iterator[None]:
    """Keep so many cores busy with processes that do nothing else."""
    spinners = [multiprocessing.Process(target=spin, daemon=True) for _ in range(number)]
    for spinner in spinners:
        spinner.start()
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.join()


def spin() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
