"""Visits of browsers whose fingerprints change with time, and that keep no cookies; the protocol is FP-Stalker's.

The data are those of a folder, or else made up, from a seed. The file `drift/drift.jsonl.gz` has one fingerprint a line: the
browser, from when to when it was that browser's, and its attributes.
"""

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DAY = 86_400
#: Browsers with fewer fingerprints are left out, as in https://doi.org/10.1109/SP.2018.00008.
FINGERPRINTS_MIN = 7
#: The latest part of all fingerprints is replayed; the rest is for learning.
REPLAYED = 0.6

#: The probability that a component differs from one fingerprint of a browser to its next, as measured on 600 browsers.
CHANGES = {"resolution": 0.75, "version": 0.16, "canvas": 0.05, "fonts": 0.03, "timezone": 0.03, "renderer": 0.006}
SCREENS = (
    "1920x1080x24@1",
    "1536x864x24@1.25",
    "2560x1440x24@1",
    "1366x768x24@1",
    "3840x2160x24@1.5",
    "1280x720x24@1.5",
)
ZONES = (-60, 0, -120, 300, 480, -330)
CARDS = ("Intel(R) UHD Graphics 620", "Intel(R) Iris(R) Xe", "NVIDIA GeForce GTX 1650", "NVIDIA GeForce RTX 3060")


@dataclass(frozen=True)
class Shown:
    """A fingerprint of a browser, from `start` to `end` in seconds since 1970; `end` is None for its latest."""

    browser: str
    start: int
    end: int | None
    attributes: dict[str, Any]

    @property
    def hash(self) -> str:
        """The digest of all attributes."""
        return hashlib.sha256(json.dumps(self.attributes, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Visit:
    """One visit of a browser, at a time in seconds since 1970."""

    at: float
    shown: Shown


def read(folder: Path) -> list[Shown]:
    """Return the fingerprints of a folder, in order of time."""
    with gzip.open(folder / "drift" / "drift.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: row["counter"])
    return [Shown(row["instance"], row["start"], row["end"], row["attrs"]) for row in rows]


def make(*, seed: int, browsers: int) -> list[Shown]:
    """Return made-up fingerprints, in order of time: of browsers that change as measured ones do, within 60 days."""
    made = [
        each
        for number in range(browsers)
        for each in _life(random.Random(f"{seed} {number}"), f"b{number:05}")  # noqa: S311 - a population, no secret
    ]
    return sorted(made, key=lambda shown: (shown.start, shown.browser))


def _life(chance: random.Random, browser: str) -> Iterator[Shown]:
    attributes: dict[str, Any] = {
        "browser": "Chrome",
        "os": "Windows",
        "version": [chance.randint(110, 116), 0, 0, 0],
        "platform": "Win32",
        "language": chance.choice(("en-GB,en;q=0.9", "sv-SE,sv;q=0.9", "de-DE,de;q=0.9")),
        "plugins": "PDF Viewer internal-pdf-viewer",
        "fonts": sorted(chance.sample([f"Font {number}" for number in range(400)], 200)),
        "canvas": f"{chance.getrandbits(64):x}",
        "renderer": f"ANGLE ({chance.choice(CARDS)}, D3D11)",
        "hardware_concurrency": chance.choice((4, 8, 8, 12, 16)),
        "device_memory": 8,
        "timezone": chance.choice(ZONES),
        "resolution": chance.choice(SCREENS),
    }
    start = 1_700_000_000 + chance.randrange(3 * DAY)
    ends = sorted(chance.sample(range(start + DAY // 2, start + 57 * DAY), chance.randint(8, 20)))
    for end in ends:
        yield Shown(browser, start, end, attributes)
        start, attributes = end, _changed(attributes, chance)
    yield Shown(browser, start, None, attributes)


def _changed(attributes: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    changed = [name for name, probability in CHANGES.items() if chance.random() < probability] or ["resolution"]
    after = dict(attributes)
    for name in changed:
        if name == "version":
            after[name] = [attributes[name][0] + 1, 0, 0, 0]
        elif name == "fonts":
            after[name] = sorted({*attributes[name], f"Font {chance.randrange(400, 500)}"})
        elif name == "canvas":
            after[name] = f"{chance.getrandbits(64):x}"
        else:
            choices = {"resolution": SCREENS, "timezone": ZONES, "renderer": CARDS}[name]
            after[name] = chance.choice(choices)
    return after


def visits(shown: Sequence[Shown], *, every_days: float) -> list[Visit]:
    """Return a visit of each browser every so many days, as long as it is known to exist, in order of time."""
    by_browser = defaultdict[str, list[Shown]](list)
    for each in replayed(shown):
        by_browser[each.browser].append(each)
    made = [visit for lives in by_browser.values() for visit in _visits(lives, every_days * DAY)]
    return [visit for visit, _ in sorted(made, key=lambda each: (each[0].at, each[1]))]


def replayed(shown: Sequence[Shown]) -> list[Shown]:
    """Return the latest fingerprints of browsers that have enough of them."""
    counts = defaultdict[str, int](int)
    for each in shown:
        counts[each.browser] += 1
    enough = [each for each in shown if counts[each.browser] >= FINGERPRINTS_MIN]
    return enough[int(len(enough) * (1 - REPLAYED)) :]


def _visits(lives: Sequence[Shown], every: float) -> Iterator[tuple[Visit, int]]:
    """Yield visits with the number of their fingerprint; the end of the last one is not known, so it is left out."""
    if len(lives) < 2:
        return
    at = float(lives[0].start)
    yield Visit(at, lives[0]), 0
    for number, each in enumerate(lives[:-1]):
        while each.end is not None and at + every < each.end:
            at += every
            yield Visit(at, each), number


def lately(made: Iterable[Visit], *, days: float, until: float) -> list[Visit]:
    """Return the visits of the last days, moved so that the last one is at the time `until`."""
    all_visits = list(made)
    last = max(visit.at for visit in all_visits)
    return [replace(visit, at=visit.at - last + until) for visit in all_visits if visit.at > last - days * DAY]
