"""A rehearsal makes Neo4j plan every query that calls run, leaves nothing in the graph, and must pass before calls are served."""

import fcntl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import rehearsal
from app.config import Settings
from app.factory import create_app
from app.readiness import Progress
from graph import plans, queries
from graph.acts.tenants import TenantKeys
from graph.database import Database
from graph.errors import GraphUnavailable
from graph.transaction import Transaction
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until
from tests.world import Api, Clock, Graph


def test_a_rehearsal_plans_every_query_but_rare_ones_and_runs_a_visit_and_leaves_nothing(
    database: Database, graph: Graph
) -> None:
    ran: set[str] = set()
    told: list[str] = []
    observe, queries.observe = queries.observe, lambda name, _seconds: ran.add(name)
    try:
        rehearsal.rehearse(database, told.append)
    finally:
        queries.observe = observe
    total = sum(not plans.is_rare(name, after_write=False) for name in plans.before_writes())
    total += sum(not plans.is_rare(name, after_write=True) for name in plans.after_writes())
    assert {f"planning queries: {number} of {total}" for number in range(1, total + 1)} <= set(told)
    acts = {name for name in queries.names() if name.split("/")[0] in {"init", "track", "propagate"}}
    # These queries run only in rare calls: a repeat, a claim that is taken back, a user id that does not count, a browser
    # with several users.
    assert acts - ran <= {"init/claimed", "init/forget", "init/refuse", "propagate/let_go"}
    assert {"identify/gather", "identify/apply", "identify/lock_users"} <= ran
    assert graph.rows("MATCH (n) WHERE NOT n:Migration RETURN n") == []


def test_rare_queries_are_planned_once_the_process_that_rehearsed_serves(
    database: Database, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[tuple[str, ...]] = []
    make = plans.make

    def make_and_note(tx: Transaction, names: Sequence[str], done: rehearsal.Done) -> None:
        make(tx, names, done)
        planned.append(tuple(names))

    monkeypatch.setattr(plans, "make", make_and_note)
    monkeypatch.setattr(rehearsal, "RARE_AFTER_SECONDS", 0.0)
    rehearse = rehearsal.alone(database, tmp_path)
    rehearse(lambda _: None)
    assert len(planned) >= 2
    wait_until(lambda: len(planned) == 4, "the rare queries are not planned")
    before, after, rare_before, rare_after = planned
    # The two of the rehearsal end in any order.
    assert {*before, *rare_before, *after, *rare_after} == set(plans.of_calls())
    assert {*rare_before} == {name for name in plans.before_writes() if plans.is_rare(name, after_write=False)}
    assert {*rare_after} == {name for name in plans.after_writes() if plans.is_rare(name, after_write=True)}
    assert graph.rows("MATCH (n) WHERE NOT n:Migration RETURN n") == []


def test_rare_queries_are_left_to_their_callers_if_neo4j_is_away() -> None:
    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    rehearsal.plan_rare(nowhere)
    nowhere.close()


def test_without_neo4j_a_rehearsal_fails_at_once() -> None:
    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    with pytest.raises(GraphUnavailable):
        rehearsal.rehearse(nowhere)
    nowhere.close()


class Held:
    """A rehearsal that goes on until it is let go."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.runs = 0

    def __call__(self, tell: Progress) -> None:
        self.runs += 1
        tell("planning queries: 40 of 120")
        self.goes_on.wait(FOREVER_SECONDS)


@pytest.fixture
def held(database: Database) -> Iterator[Held]:
    """A rehearsal that ends with the test at the latest."""
    rehearsed = Held()
    yield rehearsed
    rehearsed.goes_on.set()


@pytest.fixture
def starting(settings: Settings, database: Database, clock: Clock, tenant: TenantKeys, held: Held) -> Iterator[Api]:
    """A service whose rehearsal has begun."""
    app = create_app(settings, database, clock=clock, rehearse=held)
    wait_until(lambda: held.runs == 1, "the rehearsal does not begin")
    yield Api(app, tenant)
    app.extensions["whograph"].readiness.end()
    database.when_away.clear()


def test_calls_before_the_rehearsal_has_passed_are_503_at_once_and_never_504(starting: Api, held: Held) -> None:
    visit = {"fingerprint": {"visitorId": "f-1"}}
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda _: starting.post("/eventTracking/init", visit), range(16)))
    assert {(answer.status, answer["code"]) for answer in answers} == {(503, "graph_unavailable")}
    assert {answer.headers["Retry-After"] for answer in answers} == {"2"}

    client = starting.app.test_client()
    assert client.get("/health/live").status_code == 200
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.get_json()["detail"]) == (503, "planning queries: 40 of 120")

    held.goes_on.set()
    wait_until(lambda: client.get("/health/ready").status_code == 200, "it does not become ready")
    starting.init("f-1")


def test_after_neo4j_was_away_nothing_is_served_until_a_rehearsal_has_passed_again(starting: Api, held: Held) -> None:
    client = starting.app.test_client()
    held.goes_on.set()
    wait_until(lambda: client.get("/health/ready").status_code == 200, "it does not become ready")
    held.goes_on.clear()
    starting.app.extensions["whograph"].readiness.lose()
    wait_until(lambda: held.runs == 2, "it does not rehearse again")
    assert starting.init("f-1", expect=503)["code"] == "graph_unavailable"
    held.goes_on.set()
    wait_until(lambda: client.get("/health/ready").status_code == 200, "it does not become ready again")
    starting.init("f-1")


def test_a_rehearsal_that_fails_delays_no_service(
    settings: Settings, database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_tell: Progress) -> None:
        raise ZeroDivisionError

    app = create_app(settings, database, clock=clock, rehearse=fail)
    wait_until(lambda: app.test_client().get("/health/ready").status_code == 200, "it does not become ready")
    app.extensions["whograph"].readiness.end()
    database.when_away.clear()
    assert "the rehearsal failed" in caplog.messages


@pytest.mark.parametrize(("has_rehearsed", "then"), [(False, "rehearsing the acts"), (True, "another process")])
def test_only_one_process_of_a_machine_rehearses_and_the_others_wait_for_it(
    database: Database, tmp_path: Path, *, has_rehearsed: bool, then: str
) -> None:
    told: list[str] = []
    lock = tmp_path / "rehearsal.lock"
    with lock.open("a") as other, ThreadPoolExecutor(1) as waiting:
        fcntl.flock(other, fcntl.LOCK_EX)
        rehearsed = waiting.submit(rehearsal.alone(database, tmp_path), told.append)
        wait_until(lambda: told, "it does not begin")
        assert told == ["another process of this machine plans the queries"]
        if has_rehearsed:
            lock.write_text(str(time.monotonic()))
        fcntl.flock(other, fcntl.LOCK_UN)
        rehearsed.result(PATIENCE_SECONDS)
    assert told[-1].startswith(then)
