"""Compare look-ups at 10,000 and 1,000,000 relationships, and 1,000 statements in a batch and in calls.

Run it by `python -m bench.relationships`. Two services, each with its own Neo4j, are filled in bulk. The visitors and
the users are each a fifth as many as the relationships, so each has five. The larger service also has a user with
10,000 visitors.

One client then reads first pages of five through HTTP, in turn from both services. The result is the ratio of the
medians. For statements it is the ratio of as many in single calls and in a batch, round after round. The benchmark fails
if a ratio is past its limit.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
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
HEAVY_NAME = f"visitors of a user with {HEAVY_VISITORS}"
BATCH = 1_000
#: The first round is a warm-up, in which the server compiles its code.
ROUNDS = 12
SLOWER_MAX, BATCH_MIN = 1.3, 20.0
HALF_LIFE_SECONDS = 180.0 * 86_400

#: FILL makes visitors, each with a jar and a tenure, and as many users. RELATE gives visitor n relationships with the
#: users n to n + 4; after the last user it goes on with the first.
FILL = """
UNWIND range($first, $last - 1) AS n
CALL (n) {
  CREATE (v:Visitor {
    tenant: $tenant, visitor_id: 'vis_' + n, root_id: 'vis_' + n, kind: 'browser', first_seen: $at, last_seen: $at,
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
HEAVY_USER = "CREATE (:User:Identity {tenant: $tenant, user_id: $user, identity_id: 'usr_' + $user, created_at: $at})"


@dataclass(frozen=True)
class Filled:
    """A service with `size` relationships, and a fifth as many visitors and users."""

    service: Service
    size: int

    @property
    def there(self) -> int:
        return self.size // EACH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES)
    sizes = parser.parse_args().sizes
    start = partial(serve, NEO4J_HEAP="2g", JOBS_INTERVAL_SECONDS="0")
    with start() as one, start() as other:
        print(setting())
        few, many = (Filled(service, size) for service, size in zip((one, other), sizes, strict=True))
        for filled in (few, many):
            fill(filled, heavy=filled is many)
        measure(few, many)
        ratios = compare(measure(few, many), few, many)
        faster = batch(many)
    if max(ratios) > SLOWER_MAX or faster < BATCH_MIN:
        raise SystemExit(
            f"past a limit: look-ups at most {SLOWER_MAX} times as slow, a batch {BATCH_MIN} times as fast"
        )


def compare(seconds: dict[str, list[float]], few: Filled, many: Filled) -> list[float]:
    """Print the medians, and return how many times slower the larger case of each pair is."""
    for name, each in seconds.items():
        print(f"{name:34} p50 {percentile(each, 0.5):6.2f} ms   p99 {percentile(each, 0.99):6.2f} ms")
    median = {name: percentile(each, 0.5) for name, each in seconds.items()}
    pairs = [
        (f"{what} at {few.size}", f"{what} at {many.size}") for what in ("visitors of a user", "users of a visitor")
    ]
    pairs.append((f"visitors of a user at {many.size}", HEAVY_NAME))
    for less, more in pairs:
        print(f"{more} / {less}: {median[more]:.2f} / {median[less]:.2f} ms, {median[more] / median[less]:.2f}")
    return [median[more] / median[less] for less, more in pairs]


def fill(filled: Filled, *, heavy: bool) -> None:
    server = embedded.find(filled.service.data_dir)
    if server is None:
        raise RuntimeError("the service has no embedded Neo4j")
    started, tenant = time.monotonic(), filled.service.keys["tenantId"]
    at = datetime.now(UTC).replace(microsecond=0)
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session() as session,
    ):
        for some in parts(range(filled.there)):
            session.run(FILL, tenant=tenant, first=some.start, last=some.stop, at=at).consume()
        relate(session, tenant, range(filled.there), at)
        if heavy:
            session.run(HEAVY_USER, tenant=tenant, user=HEAVY, at=at).consume()
            relate(session, tenant, range(min(HEAVY_VISITORS, filled.there)), at, HEAVY)
        session.run("CALL db.resampleOutdatedIndexes()").consume()
        session.run("CALL db.clearQueryCaches()").consume()
    print(f"{filled.size} relationships made in {time.monotonic() - started:.0f} s")


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
    """Cut a range into parts of which each query stays within the server's time limit."""
    for first in range(numbers.start, numbers.stop, PART):
        yield range(first, min(first + PART, numbers.stop))


def measure(few: Filled, many: Filled) -> dict[str, list[float]]:
    """Return the latencies of first pages, read in turn from both services."""
    seconds: dict[str, list[float]] = {}
    for number in range(CALLS):
        reads = []
        for filled in (few, many):
            one = math.floor(number * filled.there / CALLS)
            reads.append((f"visitors of a user at {filled.size}", filled, f"users/user_{one}/visitors"))
            reads.append((f"users of a visitor at {filled.size}", filled, f"visitors/vis_{one}/users"))
        reads.append((HEAVY_NAME, many, f"users/{HEAVY}/visitors"))
        for name, filled, path in reads:
            # Each read has its own connection. A kept one would be closed while the other service answers slowly for the
            # first time.
            with closing(filled.service.connection()) as connection:
                started = time.monotonic()
                items = ask(filled.service, connection, "GET", f"{path}?limit={EACH}")["items"]
                seconds.setdefault(name, []).append(time.monotonic() - started)
            if len(items) != EACH:
                raise RuntimeError(f"expected {EACH} items of {path}, was answered {items}")
    return seconds


def batch(filled: Filled) -> float:
    """Make `BATCH` statements in single calls, then in one batch, in turn; return how many times as fast a batch is.

    Each statement is about another visitor, while there are any.
    """
    service, connection = filled.service, filled.service.connection()
    rounds: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        first = 2 * BATCH * number
        pairs = [(f"batch_{one % 100}", f"vis_{one % filled.there}") for one in range(first, first + 2 * BATCH)]
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
