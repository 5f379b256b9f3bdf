"""Measure how right the service is: `python -m bench.accuracy`, or `make bench-accuracy`.

There are two parts. `drift` has browsers that change and keep no cookies: the data are those of the folder `ACCURACY_DATA` or
`--data`; without one they are made up. `population` has people in situations that make recognising hard, always made up. Each
visit begins a session of the service's, by its act. Some also go through HTTP.
"""

import argparse
import math
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from bench.accuracy import cross_device, drift, labels, linkers, picture, reads, summary
from bench.accuracy.metrics import Linking
from bench.accuracy.replay import replay
from bench.population import situations
from bench.population.service import Service as Http
from bench.service import Service, serve, setting
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
    parser.add_argument("--only", choices=("drift", "cross-device", "population"), help="one part")
    parser.add_argument("--scale", type=float, default=1.0, help="how large the population is, beside the usual")
    parser.add_argument("--days", type=int, default=28, help="over how many days the population visits")
    parser.add_argument("--every", type=float, nargs="+", default=EVERY_DAYS, help="days from one visit to the next")
    parser.add_argument("--picture", type=Path, help="draw the population's figures into this file, an SVG")
    given = parser.parse_args()
    print(setting())
    with serve(NEO4J_HEAP="1g", TRUSTED_PROXIES="1") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        database = Database.connect(server.uri, server.user, server.password)
        data = Path(given.data) if given.data else None
        drifted: list[tuple[float, bool]] = []
        if given.only in {None, "drift"}:
            shown = drift.read(data) if data else drift.make(seed=given.seed, browsers=given.browsers)
            print(f"{len(shown)} fingerprints, {'of ' + str(data) if data else f'made up with seed {given.seed}'}")
            drifted = of_drift(service, database, shown, given.every)
        if given.only in {None, "cross-device"}:
            report_cross_device(database, data, seed=given.seed, people=given.people)
        if given.only in {None, "population"}:
            found = of_population(database, seed=given.seed, scale=given.scale, days=given.days)
            through_http(service, seed=given.seed, scale=given.scale)
            if given.picture:
                picture.draw(found, drifted, given.picture)
        database.close()


def of_drift(
    service: Service, database: Database, shown: Sequence[drift.Shown], every_days: Sequence[float]
) -> list[tuple[float, bool]]:
    """Replay browsers that change; return how sure the service was of each visit that it recognised, and whether it was right."""
    pairs: list[tuple[float, bool]] = []
    for every in every_days:
        made = drift.visits(shown, every_days=every)
        said: list[linkers.Said] = []
        by_acts = linkers.acts(database.of(f"every {every:g} days"), Policy(), said)
        rules = {"exact hash": linkers.exact(), "stable parts": linkers.stable(), "service": by_acts}
        report(f"a visit every {every:g} days", compared(made, rules))
        report_reliability(said)
        pairs += [(each.confidence, each.is_right) for each in said]
    sample = drift.lately(drift.visits(shown, every_days=1.0), days=HTTP_DAYS, until=time.time() - 60)
    report(f"the last {HTTP_DAYS:g} days through HTTP", compared(sample, {"service": linkers.http(service)}))
    return pairs


def of_population(database: Database, *, seed: int, scale: float, days: int) -> summary.Summary:
    """Replay a population by the acts; return what that shows."""
    story = situations.tell(seed=seed, scale=scale, days=days, until=datetime(2026, 11, 1, tzinfo=UTC))
    ours = database.of(f"population {seed} {scale:g}")
    replayed = replay(ours, story, Policy())
    found = summary.summarise(story, replayed)
    print(*summary.report(found), sep="\n")
    print(*labels.report(labels.judge(ours, story, replayed, Policy())), sep="\n")
    print(f"each bound is right as often as it says, and no two users are one: {summary.is_honest(found)}", flush=True)
    return found


def through_http(service: Service, *, seed: int, scale: float) -> None:
    """Send a twentieth of a population over HTTP, up to yesterday, and ask all reads about it."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    keys = service.keys
    sent = Http(f"http://127.0.0.1:{service.port}", keys["tenantId"], keys["writeKey"], keys["secretKey"])
    story = situations.tell(seed=seed, scale=scale / 20, days=round(HTTP_DAYS), until=midnight, office_sizes=(5, 10))
    print(*reads.report(reads.ask(sent, story, Console(stderr=True))), sep="\n", flush=True)


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
