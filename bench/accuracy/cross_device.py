"""Which mobile and which desktop are one person's, by the addresses at which both were on the same days.

The data are those of a folder, or else made up, from a seed. The folder `cross-device` has `ptl_events.csv.gz` (time in seconds,
device, address), `ptl_devices.jsonl.gz` and `ptl_labels.csv` (whose a device is), as in
https://www.usenix.org/conference/usenixsecurity17/technical-sessions/presentation/zimmeck. A device's id begins with `m-` for a
mobile and with `d-` for a desktop.
"""

import csv
import gzip
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from graph.acts import candidates, init, track
from graph.acts.arrival import Arrival
from graph.acts.later import only
from graph.database import Database
from graph.groups import Groups
from graph.model import Message, Method, NewIds, Observed, Page
from graph.rules.policy import Policy

DAY = 86_400
#: After so many seconds without an event a visit is over.
IDLE = 1_800
#: How many visits share a transaction.
BATCH = 100
MOBILE, DESKTOP = "m-", "d-"

#: A mobile and a desktop.
Link = tuple[str, str]


@dataclass(frozen=True)
class Visit:
    """One visit of a device at an address, from `at` to `until`, in seconds since 1970."""

    device: str
    address: str
    at: int
    until: int


@dataclass(frozen=True)
class Devices:
    """All visits in order of time, and whose each device is."""

    visits: Sequence[Visit]
    owners: Mapping[str, str]

    @property
    def true_links(self) -> set[Link]:
        """Each mobile with each desktop of the same person."""
        desktops = defaultdict(list)
        for device, owner in self.owners.items():
            if device.startswith(DESKTOP):
                desktops[owner].append(device)
        return {
            (device, desktop)
            for device, owner in self.owners.items()
            if device.startswith(MOBILE)
            for desktop in desktops[owner]
        }

    def addresses(self) -> dict[str, set[str]]:
        """Return the addresses of each device."""
        found = defaultdict(set)
        for visit in self.visits:
            found[visit.device].add(visit.address)
        return found


@dataclass(frozen=True)
class Right:
    """How right links are: `low` and `high` bound the F1 in 95 of 100 samples of as many people, drawn with repetition."""

    links: int
    precision: float
    recall: float
    f1: float
    low: float
    high: float


def read(folder: Path) -> Devices:
    """Return the visits of a folder."""
    data = folder / "cross-device"
    with (data / "ptl_labels.csv").open() as rows:
        owners = {row["device_id"]: row["user_id"] for row in csv.DictReader(rows)}
    with gzip.open(data / "ptl_events.csv.gz", "rt") as events:
        seen = [(row["device_id"], int(row["ts"]), row["ip"]) for row in csv.DictReader(events) if row["ip"]]
    there = {device for device, _, _ in seen}
    return Devices(visits(seen), {device: owner for device, owner in owners.items() if device in there})


def visits(seen: Iterable[tuple[str, int, str]]) -> list[Visit]:
    """Make visits of events, each a device, a time and an address: a new address, or half an hour of rest, begins one."""
    made: list[Visit] = []
    last: Visit | None = None
    for device, at, address in sorted(seen):
        if last and (device, address) == (last.device, last.address) and at - last.until <= IDLE:
            last = made[-1] = replace(last, until=at)
        else:
            last = Visit(device, address, at, at)
            made.append(last)
    return sorted(made, key=lambda visit: (visit.at, visit.device))


def make(*, seed: int, people: int) -> Devices:
    """Return made-up visits of four weeks: of households, an office, a café and a carrier's shared addresses.

    A person has a phone, and most have a laptop. Who lives together shares the address of the home.
    """
    chance = random.Random(f"cross-device {seed}")  # noqa: S311 - a population, no secret
    owners: dict[str, str] = {}
    seen: list[tuple[str, int, str]] = []
    home, number = 0, 0
    while number < people:
        home += 1
        for _ in range(min(chance.choice((1, 1, 2, 2, 3)), people - number)):
            number += 1
            phone, laptop = f"{MOBILE}{number:04}", f"{DESKTOP}{number:04}"
            owners[phone] = str(number)
            has_laptop, works_there = chance.random() < 0.8, chance.random() < 0.4
            if has_laptop:
                owners[laptop] = str(number)
            for day in range(28):
                seen += _day(chance, day * DAY, phone, f"home {home}", works_there=works_there)
                if has_laptop:
                    seen += _evening(chance, day * DAY, laptop, f"home {home}")
    return Devices(visits(seen), owners)


def _day(chance: random.Random, at: int, phone: str, home: str, *, works_there: bool) -> Iterator[tuple[str, int, str]]:
    if chance.random() < 0.5:
        yield phone, at + chance.randrange(8, 18) * 3_600, f"carrier {chance.randrange(20)}"
    if works_there and chance.random() < 0.6:
        yield phone, at + chance.randrange(9, 17) * 3_600, "office"
    if chance.random() < 0.05:
        yield phone, at + chance.randrange(10, 20) * 3_600, f"café {chance.randrange(3)}"
    if chance.random() < 0.3:
        yield phone, at + chance.randrange(18, 23) * 3_600, home


def _evening(chance: random.Random, at: int, laptop: str, home: str) -> Iterator[tuple[str, int, str]]:
    if chance.random() < 0.3:
        yield laptop, at + chance.randrange(17, 23) * 3_600, home
    if chance.random() < 0.05:
        yield laptop, at + chance.randrange(10, 20) * 3_600, f"café {chance.randrange(3)}"


def by_service(database: Database, policy: Policy, devices: Devices) -> dict[Link, float]:
    """Return the confidence of each link that the service offers, by its own acts: visits, events, the job and the list."""
    visitor_ids = _visit(database, policy, devices)
    last = max(visit.until for visit in devices.visits)
    candidates.act(database, policy, datetime.fromtimestamp(last, UTC))
    offered = database.read(
        candidates.page,
        candidates.WantedCandidates(state="open", confidence_min=0.0, after=None, limit=len(devices.owners) ** 2),
        policy,
    )
    of_visitor = {visitor_id: device for device, visitor_id in visitor_ids.items()}
    found = ((sorted((of_visitor[one] for one in each.visitor_ids), reverse=True), each.confidence) for each in offered)
    return {(mobile, desktop): sure for (mobile, desktop), sure in found if mobile[:2] != desktop[:2]}


def _visit(database: Database, policy: Policy, devices: Devices) -> dict[str, str]:
    """Send the visits, each the jar's of its device, and return the visitor of each device."""
    visitor_ids: dict[str, str] = {}
    begun = Groups("init", init.act, init.keys, size_max=BATCH)
    policy = replace(policy, session_idle_minutes=24 * 60.0)
    in_turn = _in_turn(devices.visits)
    for first in range(0, len(in_turn), BATCH):
        some = in_turn[first : first + BATCH]
        answers = begun.run(database, "bench", [_init(visit, policy) for visit in some])
        lasting = []
        for visit, answer in zip(some, answers, strict=True):
            started = only([answer])
            visitor_ids.setdefault(visit.device, started.visitor_id)
            if visit.until > visit.at:
                lasting.append(_track(started.session_id or "", visit, policy))
        database.write(track.act, lasting)
    return visitor_ids


def _in_turn(of_all: Sequence[Visit]) -> list[Visit]:
    """Return the first visit of each device, then the second of each: visits of one device share no transaction."""
    counts = Counter[str]()
    turns: list[tuple[int, Visit]] = []
    for visit in of_all:
        counts[visit.device] += 1
        turns.append((counts[visit.device], visit))
    return [visit for _, visit in sorted(turns, key=lambda turn: (turn[0], turn[1].at))]


def _arrival(visit: Visit, at: int, policy: Policy) -> Arrival:
    when = datetime.fromtimestamp(at, UTC)
    is_mobile = visit.device.startswith(MOBILE)
    browser = ("Safari", "17", "iOS", "mobile") if is_mobile else ("Chrome", "131", "Windows", "desktop")
    return Arrival(
        at=when,
        received_at=when + timedelta(milliseconds=1),
        observed=Observed(visit.address, True, *browser),
        page=Page(),
        trusted=True,
        actor="bench",
        policy=policy,
        ids=NewIds(lambda: str(uuid.uuid4())),
    )


def _init(visit: Visit, policy: Policy) -> init.Init:
    return init.Init(
        _arrival(visit, visit.at, policy),
        message=None,
        jar_id=f"jar {visit.device}",
        jar_kind="issued",
        jar_method=Method.TOKEN,
        fingerprint=None,
        user_id=None,
        reset=False,
        consent=True,
    )


def _track(session_id: str, visit: Visit, policy: Policy) -> track.Track:
    # A session ends after a day.
    arrival = _arrival(visit, min(visit.until, visit.at + DAY - 1), policy)
    return track.Track(
        arrival,
        message=Message(arrival.ids.event, "track", session_id, ""),
        session_id=session_id,
        event_id=arrival.ids.event,
        name="leave",
        properties="{}",
    )


def by_jaccard(devices: Devices) -> dict[Link, float]:
    """Return how much of their addresses two devices have in common: the first rule of most systems."""
    at = devices.addresses()
    return {
        (mobile, desktop): len(at[mobile] & at[desktop]) / len(at[mobile] | at[desktop])
        for mobile, desktop in _couples(devices)
        if at[mobile] & at[desktop]
    }


def by_days(devices: Devices) -> dict[Link, float]:
    """Return on how many days two devices were at one address, whoever else was there."""
    days: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for visit in devices.visits:
        days[visit.device].update((visit.address, day) for day in range(visit.at // DAY, visit.until // DAY + 1))
    return {
        (mobile, desktop): float(len(days[mobile] & days[desktop]))
        for mobile, desktop in _couples(devices)
        if days[mobile] & days[desktop]
    }


def _couples(devices: Devices) -> Iterator[Link]:
    mobiles = [device for device in devices.owners if device.startswith(MOBILE)]
    desktops = [device for device in devices.owners if device.startswith(DESKTOP)]
    return ((mobile, desktop) for mobile in mobiles for desktop in desktops)


def chosen(sure: Mapping[Link, float], least: float) -> list[Link]:
    """Return links down to a bound, the surest first: each device is in at most one, as in the published comparison."""
    used: set[str] = set()
    links: list[Link] = []
    for link, confidence in sorted(sure.items(), key=lambda item: (-item[1], item[0])):
        if confidence >= least and used.isdisjoint(link):
            used.update(link)
            links.append(link)
    return links


def best(sure: Mapping[Link, float], devices: Devices) -> float:
    """Return the bound by which the links are best, which only somebody with the truth can choose."""
    return max(sorted(set(sure.values())), key=lambda least: right(chosen(sure, least), devices).f1, default=1.0)


def most_possible(devices: Devices, samples: int = 0) -> Right:
    """Return how right a rule could be that knows the truth, and links only devices that ever share an address."""
    at = devices.addresses()
    return right([(one, other) for one, other in sorted(devices.true_links) if at[one] & at[other]], devices, samples)


def right(links: Sequence[Link], devices: Devices, samples: int = 0) -> Right:
    """Measure links; with `samples`, also how much the F1 depends on who is in the data."""
    owners, truth = devices.owners, devices.true_links
    true = sum(link in truth for link in links)
    found = sorted(_f1(links, truth, owners, Counter(drawn)) for drawn in _draws(sorted(set(owners.values())), samples))
    low, high = (found[len(found) // 40], found[-1 - len(found) // 40]) if found else (0.0, 1.0)
    return Right(
        len(links),
        true / len(links) if links else 1.0,
        true / len(truth) if truth else 1.0,
        2 * true / (len(links) + len(truth)) if links or truth else 1.0,
        low,
        high,
    )


def _draws(people: Sequence[str], samples: int) -> Iterator[list[str]]:
    chance = random.Random(1)  # noqa: S311 - a sample, no secret
    return (chance.choices(people, k=len(people)) for _ in range(samples))


def _f1(links: Sequence[Link], truth: set[Link], owners: Mapping[str, str], drawn: Mapping[str, int]) -> float:
    true = sum(drawn[owners[one]] for one, other in links if (one, other) in truth)
    said = sum((drawn[owners[one]] + drawn[owners[other]]) / 2 for one, other in links)
    there = sum(drawn[owners[one]] for one, _ in truth)
    return 2 * true / (said + there) if said + there else 0.0


def reliability(sure: Mapping[Link, float], devices: Devices, bounds: Sequence[float]) -> list[tuple[float, int, int]]:
    """Return, for each range of confidences that begins at a bound, how many links are right, of how many."""
    truth = devices.true_links
    found: list[tuple[float, int, int]] = []
    for least, most in pairwise((*bounds, 1.01)):
        within = [link for link, confidence in sure.items() if least <= confidence < most]
        found.append((least, sum(link in truth for link in within), len(within)))
    return found
