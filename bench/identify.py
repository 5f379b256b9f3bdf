"""Compare `identify` after 100,000 past events and after one: `python -m bench.identify`.

Every login is a first login: each is rolled back, so that the next finds the same graph. Logins of both kinds are made
in turn, through the act and not through HTTP. The result is the ratio of the two medians.
"""

import argparse
import time
import uuid
from datetime import UTC, datetime, timedelta

from bench.init import visit
from bench.service import percentile, serve, setting
from graph import embedded
from graph.acts import identify, init, track
from graph.acts.arrival import Arrival
from graph.acts.later import only
from graph.database import Database
from graph.model import Message, NewIds, Observed, Page
from graph.rules.policy import Policy
from graph.transaction import Transaction

CALLS = 200
EVENTS = 100_000
GROUP = 500


class RolledBackError(Exception):
    """Rolls a transaction back."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    events = parser.parse_args().events
    with serve(NEO4J_HEAP="2g") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        print(setting())
        database = Database.connect(server.uri, server.user, server.password).of(service.keys["tenantId"])
        sessions = {1: begin(database, 1), events: begin(database, 2)}
        for count, session in sessions.items():
            for first in range(0, count, GROUP):
                database.write(track.act, [event(session) for _ in range(first, min(first + GROUP, count))])
        latencies: dict[int, list[float]] = {count: [] for count in sessions}
        for number in range(CALLS + 20):
            for count, session in sessions.items():
                seconds = login(database, session, count)
                # The first 20 wait for query plans and Java's compiler.
                if number >= 20:
                    latencies[count].append(seconds)
        database.close()
    for count, taken in latencies.items():
        print(f"{count:7} events  p50 {percentile(taken, 0.5):6.2f} ms   p99 {percentile(taken, 0.99):6.2f} ms")
    ratio = percentile(latencies[events], 0.5) / percentile(latencies[1], 0.5)
    print(f"ratio of medians {events} / 1: {ratio:.2f}")


def begin(database: Database, number: int) -> str:
    command = visit(number)
    database.write(init.act, [command])
    return command.arrival.ids.session


def event(session: str) -> track.Track:
    return track.Track(
        arrival(now()),
        message=message("track", session),
        session_id=session,
        event_id=f"evt_{uuid.uuid4()}",
        name="click",
        properties="{}",
    )


def arrival(at: datetime) -> Arrival:
    return Arrival(
        at=at,
        received_at=at,
        observed=Observed(),
        page=Page(),
        trusted=True,
        actor="bench",
        policy=Policy(),
        ids=NewIds(lambda: str(uuid.uuid4())),
    )


def login(database: Database, session: str, count: int) -> float:
    """Return the seconds of one first login; raise `RuntimeError` unless it attributes `count` events."""
    command = identify.Identify(
        arrival(now() + timedelta(seconds=1)),
        message=message("identify", session),
        session_id=session,
        user_id="anna",
        verified=True,
        properties="{}",
    )

    def act(tx: Transaction) -> None:
        found = only(identify.act(tx, [command]))
        if found.updated.events != count:
            raise RuntimeError(f"{found.updated} instead of {count} events")
        raise RolledBackError

    started = time.monotonic()
    try:
        database.write(act)
    except RolledBackError:
        return time.monotonic() - started
    raise RuntimeError("a login was kept")


def message(call: str, session: str) -> Message:
    return Message(f"msg_{uuid.uuid4()}", call, session, uuid.uuid4().hex)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    main()
