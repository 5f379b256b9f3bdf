"""A rehearsal makes Neo4j plan every query that calls run, leaves nothing in the graph, and must pass before calls are served."""

import fcntl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app import rehearsal
from app.config import Settings
from app.factory import create_app
from app.readiness import Progress
from graph import plans, queries
from graph.acts.tenants import TenantKeys
from graph.database import Database
from graph.errors import GraphUnavailable
from graph.store import analysis
from graph.transaction import Transaction
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until
from tests.world import Api, Clock, Graph

#: Queries that run only in rare calls: a repeat, a claim that is taken back, a user id beside an event or one that does not
#: count, a browser with several users, a name that several browsers use.
NOT_REHEARSED = {
    *("init/claimed", "init/contradict", "init/forget", "init/refuse", "propagate/let_go", "track/unnamed"),
}


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
    assert acts - ran <= NOT_REHEARSED
    assert {"identify/gather", "identify/apply", "identify/lock_users"} <= ran
    assert graph.rows("MATCH (n) WHERE NOT n:Migration RETURN n") == []


def test_rare_queries_are_planned_once_the_process_that_rehearsed_serves_and_all_anew_when_the_graph_has_grown(
    database: Database, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    made_anew: list[str] = []
    make = plans.make

    def make_and_note(tx: Transaction, name: str) -> None:
        make(tx, name)
        made.append(name)

    def only_note(_tx: Transaction, name: str) -> None:
        # Planning all of them again takes half a minute.
        made_anew.append(name)

    monkeypatch.setattr(plans, "make", make_and_note)
    monkeypatch.setattr(plans, "make_anew", only_note)
    for name, value in {
        "RARE_AFTER_SECONDS": 0,
        "RESTS": 0,
        "LOOK_SECONDS": 0.01,
        "SIZE_MIN": 100,
        "GROWTH": 4,
    }.items():
        monkeypatch.setattr(rehearsal, name, value)
    before, after = plans.before_writes(), plans.after_writes()
    rare = [name for name in before if plans.is_rare(name, after_write=False)]
    rare += [name for name in after if plans.is_rare(name, after_write=True)]

    rehearse = rehearsal.alone(database, tmp_path)
    rehearse(lambda _: None)
    wait_until(lambda: len(made) == len(before) + len(after), "the rare queries are not planned")
    assert sorted(made) == sorted([*before, *after])
    assert made[-len(rare) :] == sorted(rare, key=plans.turn)
    assert {name for name in made if name.startswith("analysis/")} == set(made[-len(analysis.names()) :])
    assert graph.rows("MATCH (n) WHERE NOT n:Migration RETURN n") == []
    assert made_anew == []

    graph.rows(
        "UNWIND range(1, 400) AS i CREATE (:Visitor {tenant: 'shop', visitor_id: toString(i), root_id: toString(i)})"
    )
    wait_until(lambda: len(made_anew) == len(before) + len(after), "the plans are not made anew")
    assert made_anew == sorted([*before, *after], key=plans.turn)
    # Another rehearsal has a thread of its own, so this one's ends.
    threads = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    monkeypatch.setattr(rehearsal, "keep_plans", lambda *_: None)
    rehearse(lambda _: None)
    wait_until(lambda: not any(thread.is_alive() for thread in threads), "it goes on")


def test_a_plan_that_is_made_anew_is_that_of_callers(database: Database, graph: Graph) -> None:
    def estimated() -> float:
        text, header = queries.load("consistency/without_tenant")
        given = {queries.GIVEN: plans.samples(header)}
        plan = graph.driver.execute_query(f"EXPLAIN {queries.sent(text)}", given).summary.plan
        assert plan is not None
        return max(float(each["args"]["EstimatedRows"]) for each in operators(plan))

    before = estimated()
    graph.rows("UNWIND range(1, 5000) AS i CREATE (:Visitor {tenant: 'shop', visitor_id: toString(i), root_id: 'one'})")
    assert estimated() == before
    database.read(plans.make_anew, "consistency/without_tenant")
    assert estimated() != before


def operators(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from operators(child)


def test_plans_are_left_to_callers_if_neo4j_is_away() -> None:
    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    rehearsal.keep_plans(nowhere, 0, lambda: True)
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
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_rehearsed: bool, then: str
) -> None:
    monkeypatch.setattr(rehearsal, "keep_plans", lambda *_: None)
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
