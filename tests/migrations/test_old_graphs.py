"""Migrations turn a graph of an earlier version into the graph that this version would have written."""

from dataclasses import replace
from datetime import datetime, timedelta

import neo4j

import migrations
from graph.acts import init, merge, messages, put, release
from graph.database import Database
from tests import given
from tests.world import Graph

FACTS = """
MATCH (v:Visitor)-[r:COULD_NOT_LINK]->(u) RETURN v.visitor_id AS one, r.closed_on AS other
UNION
MATCH (visit) WHERE visit.collected_user_id IS NOT NULL RETURN visit.session_id AS one, visit.collected_user_id AS other
UNION
MATCH (visit) WHERE visit.refused_user_id IS NOT NULL RETURN visit.session_id AS one, ['refused', visit.refused_user_id] AS other
"""


def facts(graph: Graph) -> set[tuple[str, str]]:
    return {(row["one"], str(row["other"])) for row in graph.rows(FACTS)}


def test_the_survivor_of_each_visitor_is_added_to_an_old_graph(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    visits = [given.visit(fingerprint=f"f-{number}") for number in range(4)]
    ids = [visit.arrival.ids.visitor for visit in visits]
    database.write(init.act, visits)
    for number in (0, 1):
        database.write(merge.act, given.merge(ids[number], ids[number + 1], at=given.NOON + timedelta(minutes=number)))
    expected = [
        {"id": ids[0], "root": ids[2]},
        {"id": ids[1], "root": ids[2]},
        *({"id": visitor_id, "root": visitor_id} for visitor_id in ids[2:]),
    ]
    survivors = "MATCH (v:Visitor) RETURN v.visitor_id AS id, v.root_id AS root ORDER BY id"
    assert graph.rows(survivors) == expected

    driver.execute_query("MATCH (v:Visitor) REMOVE v.root_id")
    driver.execute_query("DROP INDEX visitor_by_root")
    driver.execute_query("MATCH (m:Migration) WHERE m.version > 4 DETACH DELETE m")
    migrations.migrate(database)
    assert graph.rows(survivors) == expected
    migrations.check_schema(database)


def test_the_message_ids_of_pages_and_servers_are_kept_apart_in_an_old_graph(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    visits = [given.visit(fingerprint=f"f-{number}") for number in range(2)]
    visits = [replace(visit, message=replace(visit.message, is_public=True)) for visit in visits if visit.message]
    for visit in visits:
        database.write(init.act, [visit])
    one, other = (visit.arrival.ids.visitor for visit in visits)
    database.write(put.act, [given.put("anna", one)])
    message = messages.message(merge.CALL, "k-1", {})
    database.write(messages.once, merge.act, given.merge(one, other), message, merge.Merged)
    ids = "MATCH (m:Message) RETURN m.call AS call, m.message_id AS id ORDER BY id"
    expected = graph.rows(ids)
    assert [row["id"].partition(":")[0] for row in expected] == ["public", "public", "secret", "secret"]

    # Some are migrated already: the migration was interrupted.
    driver.execute_query("MATCH (m:Message) WITH m LIMIT 3 SET m.message_id = split(m.message_id, ':')[1]")
    driver.execute_query("MATCH (m:Migration) WHERE m.version > 7 DETACH DELETE m")
    migrations.migrate(database)
    assert graph.rows(ids) == expected


def test_claims_by_verified_logins_are_known_in_an_old_graph(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    visits = [given.visit(fingerprint=f"f-{number}") for number in range(2)]
    for visit, verified in zip(visits, (True, False), strict=True):
        database.write(init.act, [visit])
        at = given.NOON + timedelta(minutes=1)
        login = given.login(visit.arrival.ids.session, "anna", at=at)
        database.write(given.log_in, replace(login, verified=verified))
    claims = "MATCH (t:Tenure)-[r:RESOLVES_TO]->() RETURN r.verified AS verified ORDER BY t.identity_id"
    expected = graph.rows(claims)
    assert [row["verified"] for row in expected] == [True, None]

    driver.execute_query("MATCH ()-[r:RESOLVES_TO]->() REMOVE r.verified")
    driver.execute_query("MATCH (m:Migration) WHERE m.version > 8 DETACH DELETE m")
    migrations.migrate(database)
    assert graph.rows(claims) == expected


def test_the_first_jar_of_a_visitor_becomes_surely_its_own(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    neighbours = [given.visit(fingerprint=f"f-{number}", address="203.0.113.9") for number in range(2)]
    second = given.visit(fingerprint="f-1", address="203.0.113.9", at=given.NOON + timedelta(minutes=1))
    for visit in (*neighbours, second):
        database.write(init.act, [visit])
    ways_in = (
        "MATCH (j:Jar)-[i:IN]->() RETURN j.jar_id AS id, i.method AS method, i.confidence AS confidence ORDER BY id"
    )
    expected = graph.rows(ways_in)
    assert [row["method"] for row in expected] == ["new", "new", "fingerprint"]

    driver.execute_query(
        "MATCH (:Jar)-[i:IN {method: 'new'}]->() SET i.method = 'fingerprint', i.confidence = 0.2 WITH i LIMIT 1 "
        "SET i.method = 'ip'"
    )
    driver.execute_query("MATCH (m:Migration) WHERE m.version > 6 DETACH DELETE m")
    assert graph.rows(ways_in) != expected
    migrations.migrate(database)
    assert graph.rows(ways_in) == expected


def test_contradictions_and_refused_user_ids_are_added_to_an_old_graph(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    visits = [given.visit(fingerprint=f"f-{number}") for number in range(3)]
    first, second, third = (visit.arrival.ids.visitor for visit in visits)

    def at(minute: int) -> datetime:
        return given.NOON + timedelta(minutes=minute)

    def visit(number: int, minute: int) -> None:
        again = given.visit(jar=visits[number].jar_id, user_id="anna", at=at(minute))
        database.write(init.act, [again])

    def login(number: int, minute: int) -> None:
        database.write(given.log_in, given.login(visits[number].arrival.ids.session, "anna", at=at(minute)))

    database.write(init.act, visits)
    for number in range(3):
        visit(number, 1)
        login(number, 2)
    for number, visitor_id in enumerate((first, second)):
        database.write(release.act, given.release("anna", visitor_id, at=at(3)))
        visit(number, 4)
    # A login contradicts the first removal, and a merge the second.
    login(0, 5)
    visit(0, 6)
    database.write(merge.act, given.merge(second, third, at=at(7), force=True))
    visit(1, 8)
    expected = facts(graph)
    assert len(expected) == 9, expected

    driver.execute_query("MATCH ()-[r:COULD_NOT_LINK]->() REMOVE r.closed_on")
    driver.execute_query(
        "MATCH (n) WHERE n.refused_user_id IS NOT NULL SET n.collected_user_id = n.refused_user_id REMOVE n.refused_user_id"
    )
    driver.execute_query("MATCH (m:Migration) WHERE m.version > 3 DETACH DELETE m")
    assert facts(graph) != expected
    migrations.migrate(database)
    assert facts(graph) == expected
