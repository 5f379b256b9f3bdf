"""Compare the service's calls with each other, and with what Flask and Neo4j do alone: all in turn, in some rounds."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import neo4j

from bench.throughput import transactions
from bench.throughput.door import Door, Measured
from bench.throughput.goal import Goal, rounded, table
from bench.throughput.load import Load
from bench.throughput.traffic import Traffic, doing_nothing

CLIENTS = 64
THREADS = 8
Case = Callable[[], Measured]

INIT, SINGLE, TRACK, IDENTIFY = "init", "init, one transaction a request", "track", "identify"
VISITOR, USERS = "GET visitor", "GET a user's visitors"
LIVE, EMPTY = "/health/live", "empty endpoint of bare Flask"
CREATE = f"bare CREATE, {THREADS} threads"
ALONE, CREATE_ALONE = "init, 1 client", "bare CREATE, 1 thread"
VISITOR_ALONE, USERS_ALONE, SEEK_ALONE = f"{VISITOR}, 1 client", f"{USERS}, 1 client", "bare seek, 1 thread"


@dataclass(frozen=True)
class Places:
    """What is compared: the service, one without groups on the same Neo4j, bare Flask, and Neo4j itself."""

    service: Door
    single: Door
    flask: Door
    driver: neo4j.Driver
    traffic: Traffic

    def calls(self, clients: int, seconds: float) -> dict[str, Case]:
        """Return the calls that use Neo4j, to be warmed up and measured."""
        service, traffic = self.service, self.traffic
        return {
            INIT: partial(service.call, traffic.visiting, clients, seconds),
            SINGLE: partial(self.single.call, traffic.visiting, clients, seconds),
            TRACK: partial(service.call, traffic.tracking, clients, seconds),
            IDENTIFY: partial(service.call, traffic.identifying, clients, seconds),
            VISITOR: partial(service.call, traffic.reading_visitors, clients, seconds),
            USERS: partial(service.call, traffic.reading_users, clients, seconds),
        }

    def cases(self, seconds: float) -> dict[str, Case]:
        """Return all that is measured. What is compared with each other follows on each other."""
        service, traffic = self.service, self.traffic
        return {
            CREATE: partial(self._bare, self._create, THREADS, seconds),
            **self.calls(CLIENTS, seconds),
            LIVE: partial(service.call, partial(doing_nothing, "/health/live"), CLIENTS, seconds / 2),
            EMPTY: partial(self.flask.call, partial(doing_nothing, "/empty"), CLIENTS, seconds / 2),
            ALONE: partial(service.call, traffic.visiting, 1, seconds / 2),
            CREATE_ALONE: partial(self._bare, self._create, 1, seconds / 2),
            VISITOR_ALONE: partial(service.call, traffic.reading_visitors, 1, seconds / 2),
            SEEK_ALONE: partial(self._bare, self._seek, 1, seconds / 2),
            USERS_ALONE: partial(service.call, traffic.reading_users, 1, seconds / 2),
        }

    def _bare(self, transaction: Callable[[], None], threads: int, seconds: float) -> Measured:
        return self.service.measure(lambda: transactions.run(transaction, threads, seconds))

    def _create(self) -> None:
        transactions.create(self.driver)

    def _seek(self) -> None:
        visitor = self.traffic.random.choice(self.traffic.visits).visitor
        transactions.seek(self.driver, self.traffic.keys["tenantId"], visitor)


@dataclass(frozen=True)
class Comparison:
    """What was measured in each round."""

    rounds: list[dict[str, Measured]]

    def goals(self) -> list[Goal]:
        together = self.pooled(INIT)
        return [
            Goal("`init` / bare `CREATE`, 8 threads", self.rates(INIT, CREATE), 1.0),
            Goal("`init` / `init` with one transaction a request", self.rates(INIT, SINGLE), 5.0),
            Goal("`init`, p99", together.percentile(0.99), 300, is_least=False, unit=" ms"),
            Goal("`init` alone / bare `CREATE` alone, p50", self.medians(ALONE, CREATE_ALONE), 2.5, is_least=False),
            Goal("`track` / empty endpoint of bare Flask", self.rates(TRACK, EMPTY), 0.35),
            Goal("`identify` / `init`", self.rates(IDENTIFY, INIT), 0.5),
            Goal("`GET visitor` / `init`", self.rates(VISITOR, INIT), 0.5),
            Goal("a user's visitors / `init`", self.rates(USERS, INIT), 0.5),
            Goal(
                "`GET visitor` alone / bare seek alone, p50", self.medians(VISITOR_ALONE, SEEK_ALONE), 2, is_least=False
            ),
            Goal(
                "a user's visitors alone / bare seek alone, p50",
                self.medians(USERS_ALONE, SEEK_ALONE),
                2,
                is_least=False,
            ),
            Goal("`/health/live` / empty endpoint of bare Flask", self.rates(LIVE, EMPTY), 0.9),
        ]

    def rates(self, one: str, other: str) -> float:
        """Return how many times as many calls a second there were, as the median of the rounds."""
        return statistics.median(each[one].load.rate / each[other].load.rate for each in self.rounds)

    def medians(self, one: str, other: str) -> float:
        """Return how many times as long a call took, as the median of the rounds."""
        return statistics.median(
            each[one].load.percentile(0.5) / each[other].load.percentile(0.5) for each in self.rounds
        )

    def pooled(self, name: str) -> Load:
        """Return the calls of all rounds together."""
        loads = [each[name].load for each in self.rounds]
        return Load([load.latencies for load in loads], sum(load.seconds for load in loads))

    def table(self) -> str:
        """Return a table of all that was measured, all rounds together."""
        rows = []
        for name in self.rounds[0]:
            pooled = self.pooled(name)
            row = [name, rounded(pooled.rate), rounded(pooled.percentile(0.5)), rounded(pooled.percentile(0.99))]
            used = [each[name].cpu for each in self.rounds]
            parts = ([one.python for one in used], [one.neo4j for one in used], [one.clients for one in used])
            rows.append(row + [rounded(statistics.median(part)) for part in parts])
        return table(("", "a second", "p50 ms", "p99 ms", "Python ms", "Neo4j ms", "clients ms"), rows)
