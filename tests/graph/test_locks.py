"""What an act waits for: every act takes its locks in one order, and what it finds on the way has to be among them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import neo4j
import pytest

from graph.acts import erase, init, merge, put, release, split, track
from graph.database import Database
from graph.errors import Overtaken
from graph.rules import times
from graph.store import init as visits
from graph.store import visitors
from graph.transaction import Rung, Transaction
from tests import given
from tests.graph.test_splits import TOGETHER, happen
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.world import Graph


def test_a_split_waits_for_a_fingerprint_before_it_takes_its_visitor(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """As a visit does, which goes from the one to the other."""
    one, other = (given.visit(fingerprint="f-1") for _ in "ab")
    happen(database, [one, other], TOGETHER)
    row = {
        "jar_id": "j-new",
        "jar_kind": "issued",
        "spare_jar_id": "j-spare",
        "fingerprint": "f-1",
        "fingerprint_crowd": TOGETHER.fingerprint_crowd,
        "components": None,
        "features": None,
        "buckets": [],
        "fuzzy_crowd": TOGETHER.fuzzy_crowd,
        "user_id": None,
        "at": times.milliseconds(given.NOON),
    }
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (fingerprint:Fingerprint) SET fingerprint._lock = true").consume()
        splitting = blocked(
            graph, partial(database.write, split.act, given.split(one.arrival.ids.visitor, jar_id=other.jar_id))
        )
        acting = own(tx)
        visits.lock(acting, [row], fuzzy_candidates_max=5)
        assert acting.locks.holds(Rung.VISITOR, one.arrival.ids.visitor)
        tx.commit()
    splitting.join(PATIENCE_SECONDS)
    assert len(graph.edges("HAS_FINGERPRINT")) == 2


def test_a_split_waits_for_whom_its_visitor_is_not_before_it_takes_it(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """What was said of the visitor is said of the new one: an edge to the other visitor, which is locked in its turn."""
    one, other, third = (given.visit(fingerprint="f-1") for _ in "abc")
    happen(database, [one, other, third], TOGETHER)
    taking = given.split(one.arrival.ids.visitor, jar_id=third.jar_id)
    database.write(split.act, replace(taking, ids=given.named(taking.ids, "a-first")))
    with driver.session() as session, session.begin_transaction() as tx:
        visitors.lock_group(own(tx), ["a-first"])
        splitting = blocked(
            graph, partial(database.write, split.act, given.split(one.arrival.ids.visitor, jar_id=other.jar_id))
        )
        assert visitors.lock_group(own(tx), [one.arrival.ids.visitor]) == {one.arrival.ids.visitor}
        tx.commit()
    splitting.join(PATIENCE_SECONDS)
    assert len(graph.edges("CANNOT_LINK")) == 3


@pytest.mark.parametrize("act", ["login", "statement"])
def test_a_login_and_a_statement_wait_for_all_that_are_one_by_merges(
    act: str, database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """What they contradict is closed on each of them."""
    one, merged, survivor = (given.visit() for _ in "abc")
    into = survivor.arrival.ids.visitor
    merges = [given.merge(each.arrival.ids.visitor, into) for each in (one, merged)]
    happen(database, [one, merged, survivor, *merges], TOGETHER)
    acts: dict[str, Callable[[], object]] = {
        "login": partial(database.write, given.log_in, given.login(one.arrival.ids.session, "anna")),
        "statement": partial(database.write, put.act, [given.put("anna", one.arrival.ids.visitor)]),
    }
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (v:Visitor {visitor_id: $id}) SET v._lock = true", id=merged.arrival.ids.visitor).consume()
        waiting = blocked(graph, acts[act])
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert {user for _, user in graph.edges("IDENTIFIED_AS")} == {"anna"}


def test_an_event_that_waited_while_its_jar_left_is_recorded_anew(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    one, other = (given.visit(fingerprint="f-1") for _ in "ab")
    happen(database, [one, other], TOGETHER)
    said: list[Exception] = []

    def record() -> None:
        """As one try of it, which `Database.write` would repeat."""
        with driver.session() as session, session.begin_transaction() as tx:
            try:
                track.act(own(tx), [given.event(other.arrival.ids.session)])
            except Overtaken as overtaken:
                said.append(overtaken)

    with driver.session() as session, session.begin_transaction() as tx:
        visitors.lock_group(own(tx), [one.arrival.ids.visitor])
        waiting = blocked(graph, record)
        split.act(own(tx), given.split(one.arrival.ids.visitor, jar_id=other.jar_id))
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert [str(one) for one in said] == ["a session's jar was taken out of its visitor just now"]
    happen(database, [given.event(other.arrival.ids.session)], TOGETHER)


def test_a_login_waits_for_the_tenures_that_it_is_carried_on_to_before_it_takes_its_own(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """Else it would wait for them at its end, and deadlock with a visit that took both in their order."""
    neighbour, visit = (given.visit(address="203.0.113.1") for _ in "ab")
    happen(database, [neighbour, visit], given.POLICY)
    lock = "MATCH (tenure:Tenure {identity_id: $id}) SET tenure._lock = true"
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run(lock, id=neighbour.arrival.ids.tenure).consume()
        waiting = blocked(graph, partial(database.write, given.log_in, given.login(visit.arrival.ids.session, "anna")))
        tx.run(lock, id=visit.arrival.ids.tenure).consume()
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert (neighbour.arrival.ids.tenure, "anna") in graph.edges("PROBABLY")


def test_a_statement_does_not_wait_for_others_who_add_edges_to_its_user(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """`MERGE` of an edge would: it locks both ends against new edges."""
    visit, other = given.visit(), given.visit()
    happen(database, [visit, other, given.login(visit.arrival.ids.session, "anna")], given.POLICY)
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (user:User) CREATE (:Tenure)-[:PROBABLY]->(user)").consume()
        database.write(put.act, [given.put("anna", other.arrival.ids.visitor)])
        tx.rollback()
    assert (other.arrival.ids.visitor, "anna") in graph.edges("IDENTIFIED_AS")


@pytest.mark.parametrize("knows", ["the fingerprint", "the jar"])
def test_a_visit_that_waits_for_a_visitor_lets_the_holder_add_an_edge(
    knows: str, database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """Else each visit on a visitor with many edges could deadlock with an act that holds the visitor."""
    visit = given.visit(fingerprint="f-1")
    happen(database, [visit], given.POLICY)
    # Neo4j locks edges apart from their node only where a node has 50 or more.
    graph.rows("MATCH (visitor:Visitor) UNWIND range(1, 100) AS number CREATE (visitor)-[:BESIDE]->()")
    again = given.visit(fingerprint="f-1") if knows == "the fingerprint" else given.visit(jar=visit.jar_id)
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (visitor:Visitor) SET visitor._lock = true").consume()
        waiting = blocked(graph, partial(database.write, init.act, [again]))
        tx.run("MATCH (visitor:Visitor) CREATE (visitor)-[:BESIDE]->()").consume()
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert (graph.count("Session"), graph.count("Visitor")) == (2, 1)


def test_a_merge_waits_in_order_for_the_users_of_the_cannot_links_that_it_closes(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    one, other = given.visit(), given.visit()
    happen(database, [one, other], given.POLICY)
    for user_id in ("anna", "ben"):
        for visitor_id in (one.arrival.ids.visitor, other.arrival.ids.visitor):
            database.write(put.act, [given.put(user_id, visitor_id)])
        database.write(release.act, given.release(user_id, one.arrival.ids.visitor))
    merging = given.merge(one.arrival.ids.visitor, other.arrival.ids.visitor)
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (user:User {user_id: 'anna'}) SET user._lock = true").consume()
        waiting = blocked(graph, partial(database.write, merge.act, merging))
        tx.run("MATCH (user:User {user_id: 'ben'}) SET user._lock = true").consume()
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert graph.edges("CANNOT_LINK") == set()
    assert len(graph.edges("MERGED_INTO")) == 1


@pytest.mark.parametrize("act", ["erasure", "unmerge"])
def test_who_removes_a_visitor_waits_for_those_apart_from_it_before_taking_it(
    act: str, database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """With a visitor go its cannot-links, and to remove an edge locks both of its ends."""
    apart, removed = given.visit(), given.visit()
    apart_id, removed_id = apart.arrival.ids.visitor, removed.arrival.ids.visitor
    happen(database, [apart, removed, given.merge(apart_id, removed_id), given.split(apart_id)], TOGETHER)
    happen(database, [given.login(removed.arrival.ids.session, "anna")], TOGETHER)
    acts: dict[str, Callable[[], object]] = {"erasure": partial(database.write, erase.begin, given.erasure("anna"))}
    if act == "unmerge":
        # What only a merge holds goes with it.
        phone = given.visit()
        phone_id = phone.arrival.ids.visitor
        logged_in = given.login(phone.arrival.ids.session, "ben")
        happen(database, [phone, logged_in, given.merge(phone_id, removed_id, force=True)], TOGETHER)
        acts["erasure"]()
        acts["unmerge"] = partial(database.write, split.act, given.split(phone_id))
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (visitor:Visitor {visitor_id: $id}) SET visitor._lock = true", id=apart_id).consume()
        waiting = blocked(graph, acts[act])
        assert removed_id in visitors.lock_group(own(tx), [removed_id])
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert removed_id not in {found["id"] for found in graph.rows("MATCH (v:Visitor) RETURN v.visitor_id AS id")}
    assert graph.edges("CANNOT_LINK") == set()


def own(bolt: neo4j.Transaction) -> Transaction:
    """A transaction of a test's own, as acts are given one."""
    return Transaction(bolt, given.TENANT)  # type: ignore[arg-type]


def blocked(graph: Graph, act: Callable[[], object]) -> threading.Thread:
    """An act that was begun and waits for a lock."""
    thread = threading.Thread(target=act)
    thread.start()

    def waits() -> bool:
        assert thread.is_alive(), "it waits for nothing"
        return bool(graph.rows("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"))

    wait_until(waits, "it neither waits nor ends")
    return thread
