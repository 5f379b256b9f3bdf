"""A rehearsal makes Neo4j plan the queries that visits will need, and leaves nothing in the graph."""

from app import rehearsal
from graph import queries
from graph.database import Database
from tests.patience import PATIENCE_SECONDS
from tests.world import Graph


def test_a_rehearsal_runs_every_act_of_a_visit_and_leaves_nothing(database: Database, graph: Graph) -> None:
    ran: set[str] = set()
    observe, queries.observe = queries.observe, lambda name, _seconds: ran.add(name)
    try:
        rehearsal.begin(database).join(PATIENCE_SECONDS)
    finally:
        queries.observe = observe
    acts = {name for name in queries.names() if name.split("/")[0] in {"init", "track", "propagate"}}
    # These queries run only in rare calls: a repeat, a claim that is taken back, a user id that does not count.
    assert acts - ran <= {"init/forget", "init/refuse", "propagate/let_go"}
    assert {"identify/gather", "identify/apply", "identify/lock_users", "identities/resolve", "journeys/page"} <= ran
    assert graph.rows("MATCH (n) WHERE NOT n:Migration RETURN n") == []


def test_without_neo4j_a_rehearsal_is_over_at_once() -> None:
    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    thread = rehearsal.begin(nowhere)
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    nowhere.close()
