"""How many events a second `python -m app import events` takes in: `python -m bench.imports`.

The file has the messages of a made-up town as Segment keeps them, in order of time. Its people come back in visits of five
events, from homes with two or three browsers, and a fifth of the visits has a login. The result is the events a second, with
the transactions and statements that they took. `--one-at-a-time` and `--row-by-row` import the same file in these ways, too.
"""

import argparse
import contextlib
import cProfile
import heapq
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import migrations
from app.config import Settings
from app.imports import open_sessions, run
from app.imports.calls import Calls
from app.imports.checkpoint import Checkpoint
from app.imports.rows import Limits, Source
from bench.service import SECRET, graph, setting
from graph.acts.tenants import create_tenant
from graph.database import Database
from graph.transaction import Transaction

SINCE = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
DAYS = 28
EVENTS_A_VISIT, VISITS_A_BROWSER = 5, 3
#: Of how many visits one has a login, which is its third event.
LOGIN_EVERY = 5
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
)


def town(events: int, visits: int) -> Iterator[dict[str, Any]]:
    """Yield the messages of a town, in order of time; of a large town, only those of open visits are in memory."""
    random = Random(7)  # noqa: S311 - nothing secret
    browsers = max(1, visits // VISITS_A_BROWSER)
    homes = [home for home in range(browsers) for _ in range(random.choice((2, 3)))][:browsers]
    begins = sorted(random.uniform(0, DAYS * 86_400) for _ in range(visits))
    later: list[tuple[str, str, dict[str, Any]]] = []
    for visit, seconds in enumerate(begins):
        at = SINCE + timedelta(seconds=seconds)
        while later and later[0][0] < at.isoformat(timespec="microseconds"):
            yield heapq.heappop(later)[2]
        browser = random.randrange(browsers)
        for message in _visit(random, visit, at, (browser, homes[browser]), events // visits):
            heapq.heappush(later, (message["timestamp"], message["messageId"], message))
    while later:
        yield heapq.heappop(later)[2]


def _visit(
    random: Random, visit: int, begins: datetime, browser_at_home: tuple[int, int], events: int
) -> Iterator[dict[str, Any]]:
    (browser, home), logs_in = browser_at_home, visit % LOGIN_EVERY == 0
    user: str | None = None
    for number in range(events):
        begins += timedelta(seconds=random.uniform(5, 120))
        is_login = logs_in and number == 2
        user = f"user-{browser // 2}" if is_login else user
        yield {
            "messageId": f"m-{visit}-{number}",
            "type": "identify" if is_login else "track",
            **({"traits": {"plan": "pro"}} if is_login else {"event": f"click {number}", "properties": {"n": number}}),
            "timestamp": begins.isoformat(timespec="microseconds"),
            "anonymousId": f"browser-{browser}",
            "userId": user,
            "context": {
                "ip": f"93.{home // 65_536}.{home // 256 % 256}.{home % 256}",
                "userAgent": AGENTS[browser % len(AGENTS)],
                "page": {"url": f"https://shop.example/{number}", "title": "Shop"},
            },
        }


def counted(counts: Counter[str]) -> None:
    """Count the transactions and the statements of this process."""
    ran: Any = Transaction.run
    tried: Any = Database._try  # noqa: SLF001 - nothing else sees every transaction

    def run_one(self: Transaction, *given: Any) -> Any:
        counts["statements"] += 1
        return ran(self, *given)

    def try_one(self: Database, seconds: float, execute: Callable[..., Any], work: Callable[..., Any]) -> Any:
        counts["transactions"] += 1
        return tried(self, seconds, execute, work)

    setattr(Transaction, "run", run_one)  # noqa: B010 - the checker knows no other way
    setattr(Database, "_try", try_one)  # noqa: B010 - as above


@dataclass(frozen=True)
class Case:
    """A way to import, by its name: how many rows a chunk has, and how many transactions there are at a time."""

    name: str
    chunk: int
    threads: int


def _cases(asked: argparse.Namespace) -> list[Case]:
    cases = [Case("as it is", run.CHUNK, open_sessions.THREADS)]
    if asked.one_at_a_time:
        cases.append(Case("one transaction at a time", run.CHUNK, 1))
    if asked.row_by_row:
        cases.append(Case("row by row", 1, 1))
    return cases


def _imported(case: Case, settings: Settings, database: Database, file: Path, name: str) -> tuple[float, Checkpoint]:
    """Import a file for a tenant of its own, and return the seconds and how it ended."""
    run.CHUNK, open_sessions.THREADS = case.chunk, case.threads
    now = datetime.now(UTC)
    tenant = create_tenant(database, f"{name} {now:%H%M%S}", secret_key=SECRET, now=now).tenant_id
    calls = Calls(settings, database, tenant, lambda: datetime.now(UTC))
    source = Source(file, "jsonl", Limits(1_000_000, 16, 255))
    place, bad = (file.with_suffix(f".{tenant}.{suffix}") for suffix in ("place", "bad"))
    began = time.monotonic()
    ended = run.Import(source, tenant, None, place, bad).run(calls, None, lambda _: None)
    return time.monotonic() - began, ended


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--visits", type=int, help="a fifth of the events, if it is not said")
    parser.add_argument("--rounds", type=int, default=1, help="import all cases so often, one after another")
    parser.add_argument("--one-at-a-time", action="store_true", help="also with one transaction at a time")
    parser.add_argument("--row-by-row", action="store_true", help="also row by row")
    parser.add_argument("--profile", type=Path, help="write a profile of cProfile's to this file")
    asked = parser.parse_args()
    visits = asked.visits or max(1, asked.events // EVENTS_A_VISIT)
    with tempfile.TemporaryDirectory() as place, graph(Path(place)) as settings:
        file = Path(place) / "town.jsonl"
        with file.open("w") as opened:
            opened.writelines(json.dumps(row) + "\n" for row in town(asked.events, visits))
        print(setting(), flush=True)
        database = Database.connect(settings.neo4j_uri or "", settings.neo4j_user, settings.neo4j_password)
        migrations.check_schema(database)
        counts: Counter[str] = Counter()
        counted(counts)
        with cProfile.Profile() if asked.profile else contextlib.nullcontext() as profile:
            for turn in range(asked.rounds):
                for number, case in enumerate(_cases(asked)):
                    counts.clear()
                    cpu = time.process_time()
                    seconds, ended = _imported(case, settings, database, file, f"town {turn} {number}")
                    rows = ended.imported + ended.rejected
                    print(
                        f"{case.name}: {ended.imported} imported, {ended.rejected} rejected in {seconds:.1f} s: "
                        f"{rows / seconds:.0f} a second; {1000 * (time.process_time() - cpu) / rows:.2f} ms of Python a row; "
                        f"{counts['transactions']} transactions, {counts['statements']} statements; "
                        f"load {os.getloadavg()[0]:.1f}",
                        flush=True,
                    )
        if profile is not None:
            profile.dump_stats(asked.profile)
        database.close()


if __name__ == "__main__":
    main()
