"""Measure the service under load, and compare: `python -m bench.throughput`.

It starts a service on an empty data directory, the same service with one transaction a request beside it on the same
Neo4j, and a bare Flask. What is compared is measured in turn, in some rounds. Each goal is a ratio, or a time.
"""

import argparse
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j

from bench.service import CHECKOUT, Service, listening, serve, setting
from bench.throughput import curve, hot, picture, profile, tenants, transactions
from bench.throughput.comparison import CLIENTS, Comparison, Places
from bench.throughput.door import Door
from bench.throughput.goal import Goal, table
from bench.throughput.load import WrongAnswerError
from bench.throughput.traffic import Traffic
from graph import embedded

PICTURE = CHECKOUT / "docs" / "pictures" / "throughput.svg"
#: Java compiles what runs often. `init` reaches its rate after about 40 s of calls: Neo4j takes 5.8 ms of CPU a call in the
#: first ten seconds, 1.7 ms in the fourth ten, and 0.8 ms after a minute and a half. Too short a warm-up measures Java.
WARM_UP_SECONDS, WARM_UP_SLICE_SECONDS, STEADY_SLICES, STEADY = 120.0, 3.0, 3, 1.03
COLD_TRIES = 20
HOT_SECONDS = 60.0
#: No job runs beside what is measured.
SETTINGS: Mapping[str, Any] = {
    "TRUSTED_PROXIES": "1",
    "JOBS_INTERVAL_SECONDS": "0",
    "CONSISTENCY_INTERVAL_SECONDS": "0",
}
PARTS = ("comparison", "curve", "hot", "tenants")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement; those of one client take half")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where the picture is written")
    parser.add_argument("--profile", type=Path, help="a folder for flame graphs of a worker, instead of all else")
    arguments = parser.parse_args()
    # A stop ends the servers, too.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    started = time.monotonic()
    print(setting(), flush=True)
    with places() as (service, found):
        say(f"ready after {service.started_seconds:.0f} s")
        warm_up(found)
        if arguments.profile:
            profile.take(found, arguments.profile)
            return
        goals: list[Goal] = []
        if "comparison" in arguments.parts:
            goals += compare(found, arguments.rounds, arguments.seconds)
        if "curve" in arguments.parts:
            measured = curve.measure(found, arguments.seconds)
            print(curve.written(measured) + "\n", flush=True)
            picture.draw(measured, arguments.picture)
        if "tenants" in arguments.parts:
            goals.append(
                tenants.measure(found.service, tenants.create(service, "quiet"), found.traffic, arguments.seconds)
            )
        if "hot" in arguments.parts:
            goals.append(hot.measure(found.service, tenants.create(service, "hot"), HOT_SECONDS))
        transactions.forget(found.driver)
    print("\n" + table(("goal", "measured", "bound", "met"), (goal.row() for goal in goals)))
    say(f"{time.monotonic() - started:.0f} s in all")


@contextmanager
def places() -> Iterator[tuple[Service, Places]]:
    """Start everything."""
    with serve(NEO4J_HEAP="2g", **SETTINGS) as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        data_dir = service.data_dir
        with (
            listening(["-m", "gunicorn", "wsgi:app"], data_dir, GROUP_SIZE_MAX="1", **SETTINGS) as single,
            listening(["-m", "gunicorn", "bench.throughput.empty:app"], data_dir, "/empty") as flask,
            neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        ):
            yield (
                service,
                Places(
                    service=Door.of(service.port, service.pid, server.pid),
                    single=Door.of(*single, server.pid),
                    flask=Door.of(*flask, server.pid),
                    driver=driver,
                    traffic=Traffic(service.keys),
                ),
            )


def warm_up(found: Places) -> None:
    """Call until the rates have risen no more for some slices, but no longer than about two minutes."""
    for case in found.calls(clients=1, seconds=0).values():
        answered(case)
    best, slices, started = 0.0, 0, time.monotonic()
    while slices < STEADY_SLICES and time.monotonic() < started + WARM_UP_SECONDS:
        rates = [case().load.rate for case in found.calls(CLIENTS, WARM_UP_SLICE_SECONDS).values()]
        say("warming up: " + ", ".join(f"{rate:.0f}" for rate in rates) + " a second")
        slices = 0 if sum(rates) > best * STEADY else slices + 1
        best = max(best, sum(rates))


def answered(case: Callable[[], object]) -> None:
    """Make a call until it is answered: a cold Neo4j may plan for longer than a transaction may take."""
    for _ in range(COLD_TRIES):
        try:
            case()
        except WrongAnswerError as error:
            say(f"not warm yet: {error.args[0].partition(chr(13))[0]}")
        else:
            return
    raise SystemExit("the service does not warm up")


def compare(found: Places, rounds: int, seconds: float) -> list[Goal]:
    """Measure everything in turn, in some rounds."""
    measured = []
    for number in range(rounds):
        measured.append({name: case() for name, case in found.cases(seconds).items()})
        say(f"round {number + 1} of {rounds}")
    comparison = Comparison(measured)
    print("\n" + comparison.table() + "\n", flush=True)
    return comparison.goals()


def say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    main()
