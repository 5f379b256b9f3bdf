"""Commands that share transactions make the graph that they would have made one after the other."""

import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, LiteralString

import hypothesis
import neo4j
import pytest
from hypothesis import strategies as st

from graph.acts import init, track
from graph.acts.init import Init, Initiated
from graph.acts.later import Later
from graph.acts.track import Track, Tracked
from graph.database import Database
from graph.errors import GraphFailed, GraphTimeout, GraphUnavailable, IdentityGraphError, NotFound, Refused
from graph.groups import Groups
from graph.model import Method
from graph.rules.grouping import next_group
from graph.transaction import Transaction
from tests import given
from tests.graph.test_locks import blocked
from tests.neo4j_server import Server
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until
from tests.world import Graph

ON_A_REAL_SERVER = hypothesis.settings(
    max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)


def inits(size_max: int = 64) -> Groups[Init, Initiated]:
    return Groups("init", init.act, init.keys, size_max=size_max)


def tracks(size_max: int = 64) -> Groups[Track, Tracked]:
    return Groups("track", track.act, track.keys, size_max=size_max)


INFERRED: LiteralString = (
    "MATCH (visit:Session)-[:DURING]->()-[:TIED_TO*0..8]->()-[:PROBABLY]->() RETURN DISTINCT visit.session_id AS visit"
)

VISITS = st.lists(
    st.tuples(
        st.sampled_from([None, "j-1", "j-2", "j-3"]),
        st.sampled_from([None, "f-1", "f-2"]),
        st.sampled_from(["203.0.113.1", "203.0.113.2", "203.0.113.3"]),
        st.sampled_from([None, None, "anna"]),
        st.booleans(),
    ),
    min_size=2,
    max_size=7,
)


def visits(drawn: Sequence[tuple[str | None, str | None, str, str | None, bool]]) -> list[Init]:
    made = []
    for number, (jar, fingerprint, address, user_id, reset) in enumerate(drawn):
        at = given.NOON + timedelta(minutes=number)
        made.append(given.visit(at=at, jar=jar, fingerprint=fingerprint, address=address, user_id=user_id, reset=reset))
    return made


@ON_A_REAL_SERVER
@hypothesis.given(before=VISITS, together=VISITS)
# A visit of the list loosens the ties of what another one is answered from.
@hypothesis.example(
    before=[
        (None, None, "203.0.113.1", None, False),
        (None, None, "203.0.113.1", None, False),
        (None, "f-2", "203.0.113.2", None, False),
        ("j-1", None, "203.0.113.2", None, False),
        ("j-1", "f-2", "203.0.113.2", None, False),
        (None, "f-2", "203.0.113.2", None, False),
    ],
    together=[
        (None, None, "203.0.113.1", None, False),
        (None, None, "203.0.113.1", None, False),
        (None, None, "203.0.113.1", None, False),
        (None, None, "203.0.113.1", None, False),
        ("j-2", "f-2", "203.0.113.1", None, False),
        (None, "f-2", "203.0.113.1", None, False),
        ("j-2", None, "203.0.113.1", None, False),
    ],
)
@hypothesis.example(
    before=[
        ("j-3", "f-1", "203.0.113.2", None, True),
        ("j-2", None, "203.0.113.2", None, False),
        ("j-1", "f-1", "203.0.113.3", None, False),
        ("j-2", None, "203.0.113.2", None, False),
        ("j-2", None, "203.0.113.2", None, True),
        ("j-1", None, "203.0.113.3", "anna", False),
    ],
    together=[
        ("j-2", "f-1", "203.0.113.3", None, True),
        ("j-3", "f-1", "203.0.113.3", "anna", True),
        (None, "f-1", "203.0.113.1", None, False),
        (None, "f-2", "203.0.113.1", None, True),
        (None, "f-2", "203.0.113.2", None, True),
        (None, None, "203.0.113.3", None, False),
        ("j-2", "f-2", "203.0.113.2", None, True),
    ],
)
def test_visits_that_share_a_transaction_make_the_graph_of_some_order(
    before: Any, together: Any, database: Database, graph: Graph
) -> None:
    first, group = visits(before), visits(together)
    graph.empty()
    for visit in first:
        database.write(init.act, [visit])
    in_some_order: list[Init] = []
    waiting = group
    while waiting:
        places = next_group([init.keys(visit) for visit in waiting], frozenset(), 64)
        shares = [waiting[place] for place in places]
        results = database.write(init.act, shares)
        assert not isinstance(results[0], Later)
        ran = [(visit, result) for visit, result in zip(shares, results, strict=True) if isinstance(result, Initiated)]
        # A new visitor reads who was seen at its address, one with inferences who shares what they rest on. All others only
        # write that.
        inferred = {row["visit"] for row in graph.rows(INFERRED)}
        readers = [visit for visit, result in ran if result.is_new_visitor and not visit.reset]
        readers += [visit for visit, result in ran if visit not in readers and result.session_id in inferred]
        in_some_order += readers + [visit for visit, _ in ran if visit not in readers]
        waiting = [visit for visit in waiting if visit not in in_some_order]
    shared = snapshot(graph)

    graph.empty()
    for visit in (*first, *in_some_order):
        database.write(init.act, [visit])
    assert shared == snapshot(graph)


def snapshot(graph: Graph) -> list[tuple[str, str]]:
    """Return all nodes and edges with what they hold, without the marks of locks."""
    nodes = graph.rows("MATCH (n) WHERE NOT n:Migration RETURN labels(n) AS labels, properties(n) AS held")
    edges = graph.rows(
        "MATCH (a)-[r]->(b) RETURN type(r) AS type, properties(r) AS held, properties(a) AS from, properties(b) AS to"
    )
    return sorted(
        [(" ".join(sorted(node["labels"])), plain(node["held"])) for node in nodes]
        + [(edge["type"], plain(edge["held"]) + plain(edge["from"]) + plain(edge["to"])) for edge in edges]
    )


def plain(held: dict[str, Any]) -> str:
    return repr(sorted((name, str(value)) for name, value in held.items() if name != "_lock"))


def test_callers_at_once_get_their_own_answers_and_share_transactions(
    database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr("graph.groups.observe", lambda _name, size, _seconds: sizes.append(size))
    groups = inits()
    commands = [given.visit(fingerprint=f"f-{number}") for number in range(40)]
    results = at_once(commands, lambda command: groups.run(database, "shop", [command]))

    assert [result.session_id for [result] in results if isinstance(result, Initiated)] == [
        command.arrival.ids.session for command in commands
    ]
    assert graph.count("Session") == graph.count("Visitor") == 40
    assert sum(sizes) == 40
    assert len(sizes) < 40


def test_events_of_one_session_in_one_list_keep_their_order(database: Database) -> None:
    """Each keeps the session open for the next."""
    visit = given.visit()
    database.write(init.act, [visit])
    session_id = visit.arrival.ids.session
    apart = given.POLICY.session_idle * 2 / 3
    events = [given.event(session_id, at=given.NOON + apart * number) for number in range(1, 9)]
    recorded = tracks(size_max=3).run(database, "shop", events)
    assert [result.event_id for result in recorded if isinstance(result, Tracked)] == [
        event.event_id for event in events
    ]


def test_a_refusal_in_a_group_is_the_answer_of_its_own_call_only(database: Database, graph: Graph) -> None:
    visit = given.visit()
    database.write(init.act, [visit])
    session_id = visit.arrival.ids.session
    good, bad, again = given.event(session_id), given.event("ses_none"), given.event(session_id)
    other = replace(given.event(session_id, name="other"), message=replace(good.message, request_hash="other"))
    results = tracks().run(database, "shop", [good, bad, again, other])

    assert isinstance(results[0], Tracked)
    assert isinstance(results[1], NotFound)
    assert isinstance(results[2], Tracked)
    assert isinstance(results[3], Refused)
    assert graph.count("Event") == 2


@pytest.mark.parametrize(
    ("unfit", "failure"),
    [
        ({"fingerprint": "\ud83d"}, UnicodeEncodeError),
        # The index takes keys of 8 kB.
        ({"jar": "j" * 40_000}, GraphFailed),
    ],
    ids=["the driver cannot send it", "Neo4j cannot store it"],
)
def test_a_command_that_cannot_be_run_hurts_no_other(
    database: Database, graph: Graph, unfit: dict[str, Any], failure: type[Exception]
) -> None:
    """A text that cannot be stored ends the whole transaction, so each command gets its own."""
    poisoned = given.visit(address="203.0.113.9", **unfit)
    commands = [given.visit(), given.visit(), poisoned, given.visit()]
    groups = inits()
    outcomes = at_once(commands, lambda command: outcome_of(groups, database, command))

    assert [isinstance(outcome, Initiated) for outcome in outcomes] == [True, True, False, True]
    assert isinstance(outcomes[2], failure)
    assert graph.count("Session") == 3


def test_every_caller_is_told_of_an_outage(graph: Graph) -> None:
    away = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused").of(given.TENANT)
    groups = inits()
    outcomes = at_once([given.visit() for _ in range(8)], lambda command: outcome_of(groups, away, command))
    assert [isinstance(outcome, GraphUnavailable) for outcome in outcomes] == [True] * 8
    away.close()


def test_a_group_that_waits_for_a_lock_keeps_back_only_what_needs_that_lock(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    stuck, free = given.visit(jar="j-stuck"), given.visit(jar="j-free")
    database.write(init.act, [replace(stuck, message=None)])
    groups = inits()
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (jar:Jar {jar_id: 'j-stuck'}) SET jar._lock = true").consume()
        later = given.visit(jar="j-stuck", at=given.NOON + timedelta(minutes=1))
        waiting = blocked(graph, partial(groups.run, database, "shop", [later]))
        [result] = groups.run(database, "shop", [free])
        assert isinstance(result, Initiated)
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert not waiting.is_alive()
    assert graph.count("Session") == 3


class Gate:
    """The act of `init`, which the first group begins only once it is let in."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.is_open = threading.Event()

    def __call__(self, tx: Transaction, commands: Sequence[Init]) -> list[Initiated | IdentityGraphError | Later]:
        self.sizes.append(len(commands))
        self.is_open.wait(FOREVER_SECONDS)
        return init.act(tx, commands)


def test_a_command_that_waits_too_long_for_a_group_is_not_run(
    database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.groups.LEADERS_MAX", 1)
    gate = Gate()
    groups = Groups("init", gate, init.keys, size_max=64)
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(outcome_of, groups, database, given.visit())
        wait_until(lambda: gate.sizes == [1], "the first command does not run")
        second = callers.submit(outcome_of, groups, database.within(0.0), given.visit())
        assert isinstance(second.result(PATIENCE_SECONDS), GraphTimeout)
        gate.is_open.set()
        assert isinstance(first.result(PATIENCE_SECONDS), Initiated)
    assert gate.sizes == [1]
    assert graph.count("Session") == 1


def test_a_command_does_not_wait_for_all_of_a_batch(
    database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.groups.LEADERS_MAX", 1)
    ran: list[Init] = []
    gate = Gate()

    def noted(tx: Transaction, commands: Sequence[Init]) -> list[Initiated | IdentityGraphError | Later]:
        ran.extend(commands)
        return gate(tx, commands)

    groups = Groups("init", noted, init.keys, size_max=2)
    single = given.visit(jar="j-single")
    with ThreadPoolExecutor(2) as callers:
        batch = callers.submit(groups.run, database, "shop", [given.visit(jar=f"j-{number}") for number in range(8)])
        wait_until(lambda: gate.sizes == [2], "the first group does not run")
        other = callers.submit(groups.run, database, "shop", [single])
        wait_until(lambda: len(groups._queues["shop"].waiting) == 7, "the single command does not wait")
        gate.is_open.set()
        assert len(batch.result(PATIENCE_SECONDS)) == 8
        assert len(other.result(PATIENCE_SECONDS)) == 1
    assert ran.index(single) < 4
    assert graph.count("Session") == 9


def test_after_an_outage_a_caller_tries_no_other_of_its_commands() -> None:
    """With one fingerprint in common, each has a group of its own, and each would wait for Neo4j."""
    sizes: list[int] = []
    groups = inits()
    away = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused").of(given.TENANT)
    with closing(away), pytest.MonkeyPatch.context() as patched:
        patched.setattr("graph.groups.observe", lambda _name, size, _seconds: sizes.append(size))
        with pytest.raises(GraphUnavailable):
            groups.run(away, "shop", [given.visit(fingerprint="f-1") for _ in range(50)])
    assert sizes == [1]
    assert groups._queues == {}


def test_visits_that_meet_on_the_way_are_kept_apart_from_then_on(database: Database, graph: Graph) -> None:
    """Neighbours at one address: all but the first run later, and not all together again."""
    sizes: list[int] = []
    commands = [given.visit(fingerprint=f"f-{number}", address="203.0.113.9") for number in range(6)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("graph.groups.observe", lambda _name, size, _seconds: sizes.append(size))
        results = inits().run(database, "shop", commands)
    assert [type(result) for result in results] == [Initiated] * 6
    assert sizes == [6, 1, 1, 1, 1, 1]
    assert graph.count("Session") == graph.count("Jar") == 6


def a_group() -> list[Init]:
    """Visits that can share a transaction; one of them locks the user anna after all jars are written."""
    return [given.visit(jar=f"j-{number}", user_id="anna" if number == 3 else None) for number in range(8)]


def run_a_group(server: Server) -> None:
    """What the process does that is killed."""
    with closing(Database.connect(server.uri, server.user, server.password)) as own:
        inits().run(own.of(given.TENANT), "shop", a_group())


def test_a_process_that_is_killed_in_the_middle_of_a_group_leaves_nothing_of_it(
    server: Server, database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    database.write(init.act, [given.visit(user_id="anna")])
    before = snapshot(graph)
    transactions = "SHOW TRANSACTIONS YIELD status RETURN status"
    process = multiprocessing.get_context("spawn").Process(target=run_a_group, args=(server,))
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (user:User {user_id: 'anna'}) SET user._lock = true").consume()
        process.start()
        wait_until(
            lambda: any(row["status"].startswith("Blocked") for row in graph.rows(transactions)), "it waits for nothing"
        )
        process.kill()
        process.join(PATIENCE_SECONDS)
        tx.rollback()
    # The query that asks is one of them.
    wait_until(lambda: len(graph.rows(transactions)) == 1, "the transaction of the killed process goes on")
    assert snapshot(graph) == before

    results = inits().run(database, "shop", a_group())
    assert [type(result) for result in results] == [Initiated] * 8
    assert graph.count("Session") == 9


def test_commands_of_two_tenants_share_no_transaction(database: Database, graph: Graph) -> None:
    groups = inits()
    one, other = given.visit(), given.visit()
    at_once([("shop", one), ("shop-2", other)], lambda of: groups.run(database.of(of[0]), of[0], [of[1]]))
    tenants = {
        row["tenant"]: row["n"] for row in graph.rows("MATCH (s:Session) RETURN s.tenant AS tenant, count(*) AS n")
    }
    assert tenants == {"shop": 1, "shop-2": 1}


def test_a_returning_jar_of_a_visitor_in_the_group_runs_later(database: Database) -> None:
    """It would decide by what the earlier one writes."""
    one = given.visit(fingerprint="f-1", jar="j-1")
    two = given.visit(fingerprint="f-1", jar="j-2", at=given.NOON + timedelta(minutes=1))
    for visit in (one, two):
        database.write(init.act, [visit])
    back = [
        replace(given.visit(jar=jar, at=given.NOON + timedelta(minutes=2)), jar_method=Method.TOKEN)
        for jar in ("j-1", "j-2")
    ]
    first, second = database.write(init.act, back)
    assert isinstance(first, Initiated)
    assert isinstance(second, Later)
    assert second.keys == {f"group:{first.visitor_id}"}


def outcome_of(groups: Groups[Init, Initiated], database: Database, command: Init) -> object:
    try:
        [result] = groups.run(database, "shop", [command])
    except (IdentityGraphError, UnicodeError) as error:
        return error
    return result


def at_once(arguments: Sequence[Any], act: Any) -> list[Any]:
    """Call `act` for each argument at the same time, and return the results in order."""
    barrier = threading.Barrier(len(arguments))
    results: list[Any] = [None] * len(arguments)

    def call(number: int) -> None:
        barrier.wait()
        results[number] = act(arguments[number])

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(arguments))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return results
