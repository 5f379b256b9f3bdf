"""Both look-ups at 10,000 and at 1,000,000 relationships, and a batch of 1,000 against calls: `python -m bench.relationships`.

The graph is made in bulk, as many visitors and users as a fifth of the relationships, five each, and one user with
10,000 visitors; then first pages of five are read through HTTP, one client, first with few and then with many. What
counts is the ratio of the two medians; of statements, that of as many in calls and then in a batch, round after round.
It fails where a ratio is past its limit.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import neo4j

from bench.service import Service, percentile, serve, setting
from graph import embedded

SIZES = (10_000, 1_000_000)
EACH = 5
PART = 20_000
CALLS = 300
HEAVY, HEAVY_VISITORS = "heavy", 10_000
BATCH = 1_000
#: The first warms up: the server compiles what it does often.
ROUNDS = 6
SLOWER_MAX, BATCH_MIN = 1.3, 20.0
HALF_LIFE_SECONDS = 180.0 * 86_400

#: Visitors with a jar and a tenure each, users, and the relationships of visitor n with users n to n + 4 of as many.
FILL = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  CREATE (v:Visitor {
    tenant: $tenant, visitor_id: 'vis_' + n, kind: 'browser', first_seen: $at, last_seen: $at,
    latest_tenure_id: 'ten_' + n, known_jars: 0, recent_users: []
  })
  CREATE (v)<-[:IN {method: 'new', confidence: 1.0}]-(j:Jar {tenant: $tenant, jar_id: 'jar_' + n, kind: 'issued'})
  CREATE (j)<-[:ON]-(:Tenure:Identity {
    tenant: $tenant, identity_id: 'ten_' + n, since: $at, first_seen: $at, last_seen: $at, sessions: 0, events: 0
  })
  CREATE (:User:Identity {tenant: $tenant, user_id: 'user_' + n, identity_id: 'usr_' + n, created_at: $at})
} IN TRANSACTIONS OF 5000 ROWS
"""
RELATE = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  MATCH (v:Visitor {tenant: $tenant, visitor_id: 'vis_' + n})
  UNWIND CASE WHEN $user IS NULL THEN [i IN range(0, $each - 1) | 'user_' + ($first + (n - $first + i) % ($last - $first))]
    ELSE [$user] END AS user_id
  MATCH (u:User {tenant: $tenant, user_id: user_id})
  WITH v, u, rand() * 99 + 1 AS confidence
  CREATE (v)-[:IDENTIFIED_AS {
    tenant: $tenant, user_id: u.user_id, visitor_id: v.visitor_id, confidence: confidence,
    rank: log(confidence) / log(2) + $seconds / $half_life, count: 1, first_seen: $at, last_seen: $at,
    source: 'claimed', verified: false, visible: true, claimed_count: 1, claimed_first: $at, claimed_last: $at, claimed_figure: 0.0
  }]->(u)
} IN TRANSACTIONS OF 2000 ROWS
"""
HEAVY_USER = "CREATE (:User:Identity {tenant: $tenant, user_id: $user, identity_id: 'usr_heavy', created_at: $at})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES)
    sizes = parser.parse_args().sizes
    medians: dict[str, list[float]] = {}
    with serve(NEO4J_HEAP="2g", JOBS_INTERVAL_SECONDS="0") as service:
        server = embedded.find(service.data_dir)
        if server is None:
            raise RuntimeError("the service has no embedded Neo4j")
        driver = neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password))
        print(setting())
        there = 0
        for size in sizes:
            fill(driver, service.keys["tenantId"], there, size // EACH)
            there = size // EACH
            measure(service, there)
            for look_up, seconds in measure(service, there).items():
                medians.setdefault(look_up, []).append(percentile(seconds, 0.5))
                p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
                print(f"{size:9} relationships  {look_up:22} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
        fill_heavy(driver, service.keys["tenantId"])
        driver.close()
        measure(service, there, HEAVY)
        both = measure(service, there, HEAVY)
        few, many = (percentile(both[name], 0.5) for name in ("visitors of a user", "visitors of a heavy one"))
        print(f"of a user with {HEAVY_VISITORS} visitors / with {EACH}: {many:.2f} / {few:.2f} ms, {many / few:.2f}")
        slower = [many / few]
        for look_up, (first, last) in medians.items():
            print(f"{look_up}: ratio of medians {sizes[1]} / {sizes[0]}: {last / first:.2f}")
            slower.append(last / first)
        faster = batch(service, there)
    if max(slower) > SLOWER_MAX or faster < BATCH_MIN:
        raise SystemExit(
            f"past a limit: look-ups at most {SLOWER_MAX} times as slow, a batch {BATCH_MIN} times as fast"
        )


def fill(driver: neo4j.Driver, tenant: str, first: int, last: int) -> None:
    started = time.monotonic()
    at = datetime.now(UTC).replace(microsecond=0)
    with driver.session() as session:
        for some in parts(range(first, last)):
            session.run(FILL, tenant=tenant, first=some.start, last=some.stop, at=at).consume()
        relate(session, tenant, range(first, last), at)
        session.run("CALL db.resampleOutdatedIndexes()").consume()
        session.run("CALL db.clearQueryCaches()").consume()
    print(f"{(last - first) * EACH} relationships made in {time.monotonic() - started:.0f} s")


def fill_heavy(driver: neo4j.Driver, tenant: str) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    with driver.session() as session:
        session.run(HEAVY_USER, tenant=tenant, user=HEAVY, at=at).consume()
        relate(session, tenant, range(HEAVY_VISITORS), at, HEAVY)


def relate(session: neo4j.Session, tenant: str, numbers: range, at: datetime, user: str | None = None) -> None:
    for some in parts(numbers):
        session.run(
            RELATE,
            tenant=tenant,
            first=some.start,
            last=some.stop,
            each=EACH,
            at=at,
            user=user,
            seconds=at.timestamp(),
            half_life=HALF_LIFE_SECONDS,
        ).consume()


def parts(numbers: range) -> Iterator[range]:
    """Few enough at once that the server does not end the query for taking too long."""
    for first in range(numbers.start, numbers.stop, PART):
        yield range(first, min(first + PART, numbers.stop))


def measure(service: Service, there: int, heavy: str | None = None) -> dict[str, list[float]]:
    """The latencies of first pages, taken in turn."""
    connection = service.connection()
    seconds: dict[str, list[float]] = {}
    for number in range(CALLS):
        one = math.floor(number * there / CALLS)
        paths = {"visitors of a user": f"users/user_{one}/visitors", "users of a visitor": f"visitors/vis_{one}/users"}
        if heavy:
            paths = {
                "visitors of a user": paths["visitors of a user"],
                "visitors of a heavy one": f"users/{heavy}/visitors",
            }
        for name, path in paths.items():
            started = time.monotonic()
            items = ask(service, connection, "GET", f"{path}?limit={EACH}")["items"]
            seconds.setdefault(name, []).append(time.monotonic() - started)
            if len(items) != EACH:
                raise RuntimeError(f"expected {EACH} items of {path}, was answered {items}")
    return seconds


def batch(service: Service, there: int) -> float:
    """As many statements in one call as one by one, in turn and on other visitors each time; how many times as fast."""
    connection = service.connection()
    rounds: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        first = 2 * BATCH * number
        pairs = [(f"batch_{one % 100}", f"vis_{one % there}") for one in range(first, first + 2 * BATCH)]
        started = time.monotonic()
        for user, visitor in pairs[:BATCH]:
            ask(service, connection, "PUT", f"users/{quote(user)}/visitors/{visitor}", {"confidence": 90})
        calls = time.monotonic() - started
        started = time.monotonic()
        items = [said(*pair) for pair in pairs[BATCH:]]
        ask(service, connection, "POST", "relationships/batch", {"relationships": items})
        together = time.monotonic() - started
        print(f"{BATCH} statements in calls / in a batch: {calls:.2f} / {together:.2f} s, {calls / together:.1f}")
        rounds.append((calls, together))
    calls, together = (float(statistics.median(seconds)) for seconds in zip(*rounds[1:], strict=True))
    print(f"medians but for the first: {calls:.2f} / {together:.2f} s, {calls / together:.1f}")
    return calls / together


def said(user: str, visitor: str) -> dict[str, Any]:
    return {"userId": user, "visitorId": visitor, "confidence": 90}


def ask(
    service: Service, connection: Any, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {service.keys['secretKey']}", "Content-Type": "application/json"}
    connection.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {text[:300]!r}")
    return dict(json.loads(text))


if __name__ == "__main__":
    main()
