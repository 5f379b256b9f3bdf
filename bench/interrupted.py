"""Kill an import again and again, let it go on, and compare the graph with the file: `python -m bench.interrupted`.

`python -m app import events` runs as a process of its own, on a file of `--events` messages, in `--visits` visits of the town
of `bench.imports`. It is ended by SIGKILL `--kills` times, in the middle of a chunk each time, and started again. At the end
the graph must have what the file says: events, sessions, browsers and users. And the consistency check must find nothing.
The rate is said for each tenth of the file, with the most memory that the importing process had.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import psutil

from app.config import Settings
from bench.imports import EVENTS_A_VISIT, town
from bench.service import CHECKOUT, SECRET, graph, setting
from graph.acts import stats
from graph.acts.tenants import create_tenant
from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.sessions import accepts

TENTHS = 10
LOOK_SECONDS = 0.1


@dataclass
class Said:
    """What a file says: how many events, sessions, browsers and users there are."""

    events: int = 0
    sessions: int = 0
    users: set[str] = field(default_factory=set)
    latest: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def note(self, browser: str, user: str | None, at: datetime) -> None:
        """Note the next event of a browser."""
        self.events += 1
        if user is not None:
            self.users.add(user)
        began, last = self.latest.get(browser, (at, at))
        is_open = browser in self.latest and accepts(began, last, at, at, Policy())
        self.sessions += not is_open
        self.latest[browser] = (began if is_open else at, at)


def written(file: Path, events: int, visits: int) -> Said:
    """Write the messages of a town to a file, and return what they say."""
    said = Said()
    with file.open("w") as opened:
        for row in town(events, visits):
            opened.write(json.dumps(row) + "\n")
            # The graph keeps whole milliseconds.
            at = datetime.fromisoformat(row["timestamp"])
            said.note(row["anonymousId"], row["userId"], at.replace(microsecond=at.microsecond // 1000 * 1000))
    return said


@dataclass
class Watched:
    """A command that is run again whenever it was killed: when it came to which line, and its largest memory in bytes."""

    words: list[str]
    environ: dict[str, str]
    place: Path
    came_to: list[tuple[float, int]] = field(default_factory=list)
    memory: int = 0
    kills: list[int] = field(default_factory=list)

    def run(self, lines: list[int]) -> None:
        """Run the command until it ends, and kill it behind each of these lines."""
        random = Random(11)  # noqa: S311 - nothing secret
        self.came_to.append((time.monotonic(), 0))
        for line in lines:
            with subprocess.Popen(self.words, env=self.environ, cwd=CHECKOUT, stdout=subprocess.DEVNULL) as running:
                while self._look(running) < line:
                    if running.poll() is not None:
                        raise RuntimeError("the import ended before it was killed")
                # In the middle of the next chunk, if it takes as long as the one before.
                time.sleep(random.uniform(0.2, 0.9) * (self.came_to[-1][0] - self.came_to[-2][0]))
                running.kill()
            self.kills.append(self._line())
        with subprocess.Popen(self.words, env=self.environ, cwd=CHECKOUT, stdout=subprocess.DEVNULL) as running:
            while running.poll() is None:
                self._look(running)
            self._look(running)
        if running.returncode:
            raise RuntimeError(f"the import ended with {running.returncode}")

    def _line(self) -> int:
        return int(json.loads(self.place.read_text())["line"]) if self.place.exists() else 0

    def _look(self, running: subprocess.Popen[bytes]) -> int:
        time.sleep(LOOK_SECONDS)
        line = self._line()
        if line > self.came_to[-1][1]:
            self.came_to.append((time.monotonic(), line))
        with contextlib.suppress(psutil.NoSuchProcess):
            self.memory = max(self.memory, psutil.Process(running.pid).memory_info().rss)
        return line

    def rates(self) -> list[float]:
        """Return the lines a second in each tenth, with the pauses for starting again."""
        end = self.came_to[-1][1]
        bounds = [end * tenth / TENTHS for tenth in range(TENTHS + 1)]
        at = [next(place for place in self.came_to if place[1] >= bound) for bound in bounds]
        return [(line - before) / max(0.001, now - then) for (then, before), (now, line) in pairwise(at)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--visits", type=int, help="a fifth of the events, if it is not said")
    parser.add_argument("--kills", type=int, default=5)
    asked = parser.parse_args()
    visits = asked.visits or max(1, asked.events // EVENTS_A_VISIT)
    with tempfile.TemporaryDirectory() as place, graph(Path(place)) as settings:
        file = Path(place) / "town.jsonl"
        said = written(file, asked.events, visits)
        print(setting(), f"load {os.getloadavg()[0]:.1f}, {file.stat().st_size / 1e6:.0f} MB", flush=True)
        database = Database.connect(settings.neo4j_uri or "", settings.neo4j_user, settings.neo4j_password)
        now = datetime.now(UTC)
        tenant = create_tenant(database, f"killed {now:%H%M%S}", secret_key=SECRET, now=now).tenant_id
        environ = _environ(settings)
        command = [sys.executable, "-m", "app"]
        watched = Watched(
            [*command, "import", "events", tenant, str(file)], environ, file.with_name(f"{file.name}.checkpoint.json")
        )
        began = time.monotonic()
        watched.run([asked.events * number // (asked.kills + 1) for number in range(1, asked.kills + 1)])
        seconds = time.monotonic() - began
        checked = subprocess.run(
            [*command, "consistency", "check", tenant],
            env=environ,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        counts = database.of(tenant).read_within(stats.SECONDS, stats.act, Policy(), datetime.now(UTC)).counts
        database.close()
        ended = json.loads(watched.place.read_text())
    wanted = (said.events, said.sessions, len(said.latest), len(said.users))
    found = (counts.events, counts.sessions, counts.jars, counts.users)
    print(
        f"{asked.events} events in {seconds:.0f} s, {asked.events / seconds:.0f} a second; killed behind lines {watched.kills}; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print("events a second in each tenth:", " ".join(f"{rate:.0f}" for rate in watched.rates()))
    print(f"{ended['repeated']} rows came again after kills, and {ended['rejected']} were rejected")
    print(f"largest memory of the importing process: {watched.memory / 2**20:.0f} MB")
    print(f"events, sessions, browsers, users: {found} in the graph, {wanted} in the file")
    print(
        "the consistency check:", checked.stdout.strip().splitlines()[-1] if checked.stdout.strip() else checked.stderr
    )
    if found != wanted or checked.returncode:
        sys.exit(1)


def _environ(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "NEO4J_URI": settings.neo4j_uri or "",
        "NEO4J_USER": settings.neo4j_user,
        "NEO4J_PASSWORD": settings.neo4j_password,
        "SECRET_KEY": SECRET,
    }


if __name__ == "__main__":
    main()
