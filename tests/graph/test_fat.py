"""What a call costs does not grow with the jars of the visitor that it is about."""

from datetime import timedelta

from graph.acts import init
from graph.database import Database
from graph.queries import load
from tests import given
from tests.graph.test_plans import walk
from tests.graph.test_splits import TOGETHER, happen
from tests.world import Graph

MORE_JARS = """
    MATCH (visitor:Visitor)<-[:IN]-(:Jar)<-[:ON]-(top:Tenure WHERE NOT EXISTS { (top)-[:TIED_TO]->() })
    UNWIND range(1, $count) AS number
    CREATE
      (jar:Jar {tenant: $tenant, jar_id: 'more-' + number}),
      (jar)-[:IN {method: 'fingerprint', confidence: 1.0}]->(visitor),
      (tenure:Tenure:Identity {tenant: $tenant, identity_id: 'more-' + number, since: top.since, first_seen: top.since}),
      (tenure)-[:ON]->(jar),
      (tenure)-[:TIED_TO {method: 'fingerprint', confidence: 1.0}]->(top)
"""


def test_a_visit_does_not_look_at_all_jars_of_the_visitor_that_owns_its_fingerprint(
    database: Database, graph: Graph
) -> None:
    text, header = load("init/gather")
    [first, *_] = [given.visit(fingerprint="f-1", at=given.NOON + timedelta(minutes=number)) for number in range(3)]
    happen(database, [first, *_], TOGETHER)
    command = given.visit(fingerprint="f-1", at=given.NOON + timedelta(hours=1))
    graph.rows("CREATE (:Jar {tenant: $tenant, jar_id: $jar})", tenant=given.TENANT, jar=command.jar_id)
    sent = {
        "tenant": given.TENANT,
        "rows": [init._gather_row(0, command)],
        "places_max": 100,
        "users_days": given.POLICY.browser_users_days,
    }

    def hits() -> int:
        profile = graph.driver.execute_query(
            f"PROFILE {text}", {key: sent[key] for key in header.params}
        ).summary.profile
        assert profile is not None
        return sum(operator["args"].get("DbHits", 0) for operator in walk(profile))

    few = hits()
    graph.rows(MORE_JARS, tenant=given.TENANT, count=500)
    assert hits() < few + 50
