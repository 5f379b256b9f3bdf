"""How many events a second `python -m app import events` takes in: `python -m bench.imports`.

The file has the messages of a made-up town as Segment keeps them, in order of time. Its people come back in visits of five
events, from homes with two or three browsers, and a fifth of the visits has a login. The result is the events a second, with
the transactions and statements that they took. `--chunk 1` imports row by row.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import migrations
from app.imports import run
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


def town(events: int, visits: int) -> list[dict[str, Any]]:
    """Return the messages of a town, in order of time."""
    random = Random(7)  # noqa: S311 - nothing secret
    browsers = max(1, visits // VISITS_A_BROWSER)
    homes = [home for home in range(browsers) for _ in range(random.choice((2, 3)))][:browsers]
    messages = [
        message
        for visit in range(visits)
        for message in _visit(random, visit, random.randrange(browsers), homes, events // visits)
    ]
    return sorted(messages, key=lambda message: (message["timestamp"], message["messageId"]))


def _visit(random: Random, visit: int, browser: int, homes: list[int], events: int) -> Iterator[dict[str, Any]]:
    begins = SINCE + timedelta(seconds=random.uniform(0, DAYS * 86_400))
    home, logs_in = homes[browser], visit % LOGIN_EVERY == 0
    user: str | None = None
    for number in range(events):
        begins += timedelta(seconds=random.uniform(5, 120))
        is_login = logs_in and number == 2
        user = f"user-{browser // 2}" if is_login else user
        yield {
            "messageId": f"m-{visit}-{number}",
            "type": "identify" if is_login else "track",
            **({"traits": {"plan": "pro"}} if is_login else {"event": f"click {number}", "properties": {"n": number}}),
            "timestamp": begins.isoformat(),
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--visits", type=int, default=4_000)
    parser.add_argument("--chunk", type=int, default=run.CHUNK)
    parser.add_argument("--profile", type=Path, help="write a profile of cProfile's to this file")
    asked = parser.parse_args()
    run.CHUNK = asked.chunk
    with tempfile.TemporaryDirectory() as place, graph(Path(place)) as settings:
        file = Path(place) / "town.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in town(asked.events, asked.visits)))
        print(setting(), f"load {os.getloadavg()[0]:.1f}", flush=True)
        database = Database.connect(settings.neo4j_uri or "", settings.neo4j_user, settings.neo4j_password)
        migrations.check_schema(database)
        now = datetime.now(UTC)
        tenant = create_tenant(database, f"town {now:%H%M%S}", secret_key=SECRET, now=now).tenant_id
        counts: Counter[str] = Counter()
        counted(counts)
        calls = Calls(settings, database, tenant, lambda: datetime.now(UTC))
        importing = run.Import(
            Source(file, "jsonl", Limits(1_000_000, 16, 255)),
            tenant,
            None,
            file.with_suffix(".place"),
            file.with_suffix(".bad"),
        )
        began = time.monotonic()

        def tell(place: Checkpoint) -> None:
            seconds = time.monotonic() - began
            print(f"{place.imported + place.rejected:7} rows in {seconds:5.0f} s", flush=True)

        def imported() -> Checkpoint:
            return importing.run(calls, None, tell if asked.chunk > 1 else lambda _: None)

        if asked.profile:
            import cProfile  # noqa: PLC0415 - it slows down what it watches

            with cProfile.Profile() as profile:
                ended = imported()
            profile.dump_stats(asked.profile)
        else:
            ended = imported()
        seconds = time.monotonic() - began
        database.close()
    print(
        f"{ended.imported} imported, {ended.rejected} rejected in {seconds:.1f} s: {asked.events / seconds:.0f} a second; "
        f"{counts['transactions']} transactions, {counts['statements']} statements"
    )


if __name__ == "__main__":
    main()
