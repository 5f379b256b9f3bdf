"""Measure how right the service is: `python -m bench.accuracy`, or `make bench-accuracy`.

The data are those of the folder `ACCURACY_DATA` or `--data`; without one they are made up. Each visit begins a session of the
service's, by its act. The last of them also go through HTTP.
"""

import argparse
import math
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bench.accuracy import cross_device, drift, linkers
from bench.accuracy.metrics import Linking
from bench.service import serve, setting
from graph import embedded
from graph.database import Database
from graph.rules.policy import Policy

T = TypeVar("T")
#: Of each day's visits, those of so many last days go through HTTP: earlier ones would be too late.
HTTP_DAYS = 25.0
#: A tenant of its own for each replay.
EVERY_DAYS = (1.0, 7.0)
#: The confidences from which on the candidates are compared, and so many samples tell how much depends on who is in the data.
SURE = (0.3, 0.5, 0.8, 0.9)
SAMPLES = 1_000
#: The visits of cross-device data are of eight weeks.
WEEKS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("ACCURACY_DATA"), help="a folder with drift/ and cross-device/"
    )
    parser.add_argument("--seed", type=int, default=1, help="of made-up data")
    parser.add_argument("--browsers", type=int, default=200, help="how many are made up")
    parser.add_argument("--people", type=int, default=150, help="how many people with devices are made up")
    parser.add_argument("--only", choices=["drift", "cross-device"], help="one of the two measurements")
    parser.add_argument("--every", type=float, nargs="+", default=EVERY_DAYS, help="days from one visit to the next")
    given = parser.parse_args()
    data = Path(given.data) if given.data else None
    shown = drift.read(data) if data else drift.make(seed=given.seed, browsers=given.browsers)
    print(setting())
    print(f"{len(shown)} fingerprints, {'of ' + str(data) if data else f'made up with seed {given.seed}'}")
    with serve(NEO4J_HEAP="1g") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        database = Database.connect(server.uri, server.user, server.password)
        for every in given.every if given.only != "cross-device" else ():
            made = drift.visits(shown, every_days=every)
            said: list[linkers.Said] = []
            by_acts = linkers.acts(database.of(f"every {every:g} days"), Policy(), said)
            rules = {"exact hash": linkers.exact(), "stable parts": linkers.stable(), "service": by_acts}
            report(f"a visit every {every:g} days", compared(made, rules))
            report_reliability(said)
        if given.only != "cross-device":
            sample = drift.lately(drift.visits(shown, every_days=1.0), days=HTTP_DAYS, until=time.time() - 60)
            report(f"the last {HTTP_DAYS:g} days through HTTP", compared(sample, {"service": linkers.http(service)}))
        if given.only != "drift":
            report_cross_device(database, data, seed=given.seed, people=given.people)
        database.close()


def report_cross_device(database: Database, data: Path | None, *, seed: int, people: int) -> None:
    """Print how right the candidates are, beside rules that know less, and the most that is possible."""
    devices = cross_device.read(data) if data else cross_device.make(seed=seed, people=people)
    links = len(devices.true_links)
    print(f"\ncross-device: {len(devices.visits)} visits of {len(devices.owners)} devices, {links} true links")
    print(f"{'':28}{'links':>7}{'precision':>11}{'recall':>8}{'F1':>7}  95 of 100")
    policy = replace(Policy(), address_weeks=WEEKS)
    sure = cross_device.by_service(database.of("cross-device"), policy, devices)
    rules = {"IP Jaccard": cross_device.by_jaccard(devices), "days at one IP": cross_device.by_days(devices)}
    found = {
        f"{name}, best bound": cross_device.chosen(each, cross_device.best(each, devices))
        for name, each in rules.items()
    }
    found |= {f"service, from {least}": cross_device.chosen(sure, least) for least in SURE}
    for name, each in found.items():
        print_right(name, cross_device.right(each, devices, SAMPLES))
    print_right("the most by addresses", cross_device.most_possible(devices, SAMPLES))
    for least, true, count in cross_device.reliability(sure, devices, SURE):
        print(f"a confidence from {least}: {true} of {count} right")


def print_right(name: str, right: cross_device.Right) -> None:
    print(
        f"{name:28}{right.links:7}{right.precision:11.3f}{right.recall:8.3f}{right.f1:7.3f}  {right.low:.2f} to {right.high:.2f}",
        flush=True,
    )


def compared(made: Sequence[drift.Visit], rules: Mapping[str, linkers.Linker]) -> dict[str, Linking]:
    """Let each rule link the same visits, and measure what it says."""
    return {
        name: Linking.of((visit.shown.browser, link(visit)) for visit in told(made, name))
        for name, link in rules.items()
    }


def told(visits: Sequence[T], name: str) -> Iterator[T]:
    """Yield the same, and tell a terminal how far it is."""
    for number, visit in enumerate(visits):
        if number % 500 == 0 and sys.stderr.isatty():
            print(f"{name}: {number} of {len(visits)}", file=sys.stderr)
        yield visit


def report(title: str, found: Mapping[str, Linking]) -> None:
    [first, *_] = found.values()
    print(f"\n{title}: {first.visits} visits of {first.browsers} browsers")
    print(f"{'':14}{'ids/browser':>12}{'ownership':>11}{'precision':>11}{'recall':>8}{'pair F1':>9}")
    for name, each in found.items():
        print(
            f"{name:14}{each.ids:12.3f}{each.ownership:11.3f}{each.precision:11.3f}{each.recall:8.3f}{each.f1:9.3f}",
            flush=True,
        )


def report_reliability(said: Sequence[linkers.Said]) -> None:
    """Print how often the service was right, by how sure it was."""
    groups: dict[tuple[str, float], list[bool]] = defaultdict(list)
    for each in said:
        groups[each.method, math.floor(each.confidence * 20) / 20].append(each.is_right)
    for (method, least), right in sorted(groups.items()):
        print(
            f"{method:18} {least:.2f} to {least + 0.05:.2f}: {sum(right)} of {len(right)} right, {sum(right) / len(right):.3f}"
        )


if __name__ == "__main__":
    main()
