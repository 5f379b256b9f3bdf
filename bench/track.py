"""Compare `/track` with an empty endpoint of the same server: `python -m bench.track`.

Both are called in turn, by the same number of clients, each of which waits for its answer. The ratio shows how much of a
request's time is ours and Neo4j's, and how much is HTTP's.
"""

import argparse
import threading
import time
from collections.abc import Callable

from bench.service import Service, percentile, serve, setting

CLIENTS = 16
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds = parser.parse_args().seconds
    with serve() as service:
        sessions = [begin(service) for _ in range(CLIENTS)]
        track(service, sessions, 2.0)
        rates: dict[str, list[float]] = {"/eventTracking/track": [], "/health/live": []}
        print(setting())
        for _ in range(ROUNDS):
            for name, run in (("/health/live", empty), ("/eventTracking/track", track)):
                latencies = run(service, sessions, seconds)
                rates[name].append(len(latencies) / seconds)
                print(
                    f"{name:22} {len(latencies) / seconds:7.0f} requests/s   "
                    f"p50 {percentile(latencies, 0.5):6.1f} ms   p99 {percentile(latencies, 0.99):6.1f} ms"
                )
    ratios = [a / b for a, b in zip(rates["/eventTracking/track"], rates["/health/live"], strict=True)]
    print(f"ratio of rates, track / empty: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")


def begin(service: Service) -> str:
    return str(service.post(service.connection(), "/eventTracking/init", {})["sessionId"])


def track(service: Service, sessions: list[str], seconds: float) -> list[float]:
    def one(client: int) -> Callable[[], None]:
        connection = service.connection()
        body = {"sessionId": sessions[client], "eventName": "click", "properties": {"sum": 3}}
        return lambda: void(service.post(connection, "/eventTracking/track", body))

    return measure(one, seconds)


def empty(service: Service, sessions: list[str], seconds: float) -> list[float]:  # noqa: ARG001 - like `track`
    def one(client: int) -> Callable[[], None]:  # noqa: ARG001
        connection = service.connection()

        def call() -> None:
            connection.request("GET", "/health/live")
            connection.getresponse().read()

        return call

    return measure(one, seconds)


def void(_: object) -> None:
    """Ignore an answer."""


def measure(client: Callable[[int], Callable[[], None]], seconds: float) -> list[float]:
    """Return the latencies of all calls of `CLIENTS` clients, each of which calls again when it has its answer."""
    latencies: list[float] = []
    deadline = time.monotonic() + seconds

    def run(number: int) -> None:
        call = client(number)
        while time.monotonic() < deadline:
            started = time.monotonic()
            call()
            latencies.append(time.monotonic() - started)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


if __name__ == "__main__":
    main()
