"""Time `init` at 10,000 and at 100,000 visitors: `python -m bench.init`.

The service's own act makes the visitors, 200 per transaction. One client then times each way of being recognised
through HTTP, first with few visitors and then with many. The result is the ratio of the two medians.
"""

import argparse
import sys
import time
import uuid
from datetime import UTC, datetime

from bench.service import Service, percentile, serve, setting
from graph import embedded
from graph.acts import init
from graph.acts.arrival import Arrival
from graph.database import Database
from graph.model import Fingerprint, Method, NewIds, Observed, Page
from graph.rules.policy import Policy

GROUP = 200
CALLS = 400
SIZES = (10_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    medians: dict[str, list[float]] = {"new": [], "fingerprint": [], "token": []}
    with serve(NEO4J_HEAP="2g") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        database = Database.connect(server.uri, server.user, server.password)
        print(setting())
        there = 0
        warm_up(service)
        for size in sizes:
            fill(database.of(service.keys["tenantId"]), there, size)
            there = size
            for method, latencies in measure(service, size).items():
                medians[method].append(percentile(latencies, 0.5))
                print(
                    f"{size:7} visitors  {method:12} p50 {percentile(latencies, 0.5):6.2f} ms   "
                    f"p99 {percentile(latencies, 0.99):6.2f} ms"
                )
        database.close()
    for method, (few, *_, many) in medians.items():
        print(f"{method:12} ratio of medians {sizes[-1]} / {sizes[0]}: {many / few:.2f}")


def fill(database: Database, there: int, size: int) -> None:
    """Make visitors until there are `size`, each with its own fingerprint and address."""
    started = time.monotonic()
    for first in range(there, size, GROUP):
        database.write(init.act, [visit(number) for number in range(first, min(first + GROUP, size))])
        if first % 10_000 == 0 and sys.stderr.isatty():
            print(f"{first} of {size}", file=sys.stderr)
    print(f"{size - there} visitors made in {time.monotonic() - started:.0f} s, {GROUP} a transaction")


def visit(number: int) -> init.Init:
    now = datetime.now(UTC).replace(microsecond=0)
    return init.Init(
        Arrival(
            at=now,
            received_at=now,
            observed=Observed(
                f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}",
                True,
                "Chrome",
                "131",
                "Linux",
                "desktop",
            ),
            page=Page(),
            trusted=False,
            actor="bench",
            policy=Policy(),
            ids=NewIds(lambda: str(uuid.uuid4())),
        ),
        message=None,
        jar_id=f"jar_{uuid.uuid4()}",
        jar_kind="issued",
        jar_method=Method.NEW,
        fingerprint=Fingerprint(f"fingerprint-{number}"),
        user_id=None,
        reset=False,
        consent=True,
    )


def warm_up(service: Service) -> None:
    """Make Neo4j plan its queries and Java compile its code before anything is timed."""
    connection = service.connection()
    for number in range(300):
        token = service.post(connection, "/eventTracking/init", {"fingerprint": {"visitorId": f"warm-{number}"}})
        service.post(connection, "/eventTracking/init", {"visitorToken": token["visitorToken"]})
        service.post(connection, "/eventTracking/init", {"fingerprint": {"visitorId": f"warm-{number}"}})


def measure(service: Service, size: int) -> dict[str, list[float]]:
    """Return the latencies of new visits, of returns by fingerprint and of returns by token, made in turn."""
    connection = service.connection()
    latencies: dict[str, list[float]] = {"new": [], "fingerprint": [], "token": []}
    for number in range(CALLS):
        bodies = {
            "new": {"fingerprint": {"visitorId": f"new-{size}-{number}"}},
            # Each fingerprint is used once. It would become weak after its third unknown jar came back.
            "fingerprint": {"fingerprint": {"visitorId": f"fingerprint-{size - 1 - number}"}},
        }
        token = None
        for method, body in bodies.items():
            started = time.monotonic()
            answer = service.post(connection, "/eventTracking/init", body)
            latencies[method].append(time.monotonic() - started)
            if answer["match"]["method"] != method:
                raise RuntimeError(f"expected {method}, was answered {answer}")
            token = answer["visitorToken"]
        started = time.monotonic()
        service.post(connection, "/eventTracking/init", {"visitorToken": token})
        latencies["token"].append(time.monotonic() - started)
    return latencies


if __name__ == "__main__":
    main()
