"""What a call costs does not grow with the jars of the visitor that it is about, or grows by little with each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graph.acts import init, track
from graph.acts.journeys import Asked, of_identity
from graph.database import Database
from graph.queries import load
from graph.rules.probable import Bound
from graph.rules.times import BEGINNING, END
from tests import given
from tests.graph.test_plans import walk
from tests.graph.test_splits import TOGETHER, happen
from tests.statements import statements
from tests.world import Graph

MORE_JARS = """
    MATCH (visitor:Visitor)<-[:IN]-(:Jar)<-[:ON]-(top:Tenure WHERE NOT EXISTS { (top)-[:TIED_TO]->() })
    UNWIND range(1, $count) AS number
    CREATE
      (jar:Jar {tenant: $tenant, jar_id: 'more-' + number}),
      (jar)-[:IN {method: 'fingerprint', confidence: 1.0}]->(visitor),
      (tenure:Tenure:Identity {
        tenant: $tenant,
        identity_id: 'more-' + number,
        since: top.since,
        first_seen: top.since,
        last_seen: top.since,
        sessions: 1,
        events: 1
      }),
      (tenure)-[:ON]->(jar),
      (tenure)-[:TIED_TO {method: 'fingerprint', confidence: 1.0}]->(top)
"""
FAT = 500

Hits = Callable[..., int]


@pytest.fixture
def hits(graph: Graph) -> Hits:
    """How often a query looks into the database."""

    def of(name: str, **params: Any) -> int:
        text, header = load(name)
        sent = {"tenant": given.TENANT, **params}
        profile = graph.driver.execute_query(
            f"PROFILE {text}", {key: sent[key] for key in header.params}
        ).summary.profile
        assert profile is not None
        return sum(operator["args"].get("DbHits", 0) for operator in walk(profile))

    return of


@pytest.fixture
def browser(database: Database) -> tuple[str, str]:
    """The ids of a visitor with three jars, and of the tenure that the others are tied to."""
    visits = [given.visit(fingerprint="f-1", at=given.NOON + timedelta(minutes=number)) for number in range(3)]
    happen(database, visits, TOGETHER)
    return visits[0].arrival.ids.visitor, visits[0].arrival.ids.tenure


def test_a_visit_does_not_look_at_all_jars_of_the_visitor_that_owns_its_fingerprint(
    browser: tuple[str, str], graph: Graph, hits: Hits
) -> None:
    command = given.visit(fingerprint="f-1", at=given.NOON + timedelta(hours=1))
    graph.rows("CREATE (:Jar {tenant: $tenant, jar_id: $jar})", tenant=given.TENANT, jar=command.jar_id)
    sent = {
        "rows": [init._gather_row(0, command)],
        "places_max": 100,
        "users_days": given.POLICY.browser_users_days,
    }
    few = hits("init/gather", **sent)
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    assert hits("init/gather", **sent) < few + 50


@pytest.mark.parametrize(("before", "limit"), [(None, 1), ("more-3", 1), (None, 10)])
def test_a_page_of_an_identity_reads_its_members_ids_and_times_only(
    browser: tuple[str, str], graph: Graph, hits: Hits, before: str | None, limit: int
) -> None:
    sent = {"identity_id": browser[1], "before": before, "limit": limit}
    few = hits("identities/members", **sent)
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    assert hits("identities/members", **sent) < few + 9 * FAT + 10 * limit


def test_a_visitors_parts_are_read_by_little_more_than_their_ids(
    browser: tuple[str, str], graph: Graph, hits: Hits
) -> None:
    places = dict.fromkeys(("merged_before", "jar_before", "tenure_before", "fingerprint_before"))
    sent = {"visitor_id": browser[0], **places, "limit": 10}
    few = hits("visitors/get", **sent)
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    assert hits("visitors/get", **sent) < few + 15 * FAT


@pytest.mark.parametrize(("name", "each"), [("journeys/of_identity", 15), ("journeys/of_visitor", 13)])
def test_a_page_of_a_journey_looks_at_the_times_of_tenures_before_it_opens_any(
    browser: tuple[str, str], graph: Graph, hits: Hits, name: str, each: int
) -> None:
    times = {"since": BEGINNING, "until": END, "after_at": BEGINNING, "after_id": ""}
    sent = {"visitor_id": browser[0], "identity_id": browser[1], "user_id": None, **times, "limit": 10}
    few = hits(name, **sent)
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    assert hits(name, **sent) < few + each * FAT + 300


def test_a_page_of_one_event_reads_one_part_of_the_tenures(
    browser: tuple[str, str], database: Database, graph: Graph
) -> None:
    session = graph.rows("MATCH (s:Session) RETURN s.session_id AS id ORDER BY id LIMIT 1")[0]["id"]
    database.write(track.act, [given.event(session, at=given.NOON + timedelta(minutes=minute)) for minute in (3, 4)])
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    graph.rows(
        "MATCH (t:Tenure) WHERE t.identity_id STARTS WITH 'more' SET t.first_seen = t.first_seen + duration('P1D')"
    )
    asked = Asked(browser[1], (BEGINNING, ""), END, Bound.of(given.POLICY, given.NOON), 1, 1_000)
    with statements() as ran:
        page = database.read(of_identity, asked)
    assert ([touch.event.session_id for touch in page.items], ran.count("journeys/of_identity")) == ([session], 1)
