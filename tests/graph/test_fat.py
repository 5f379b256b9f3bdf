"""What a call costs does not grow with the jars, visitors or neighbours of what it is about.

Where something must be counted or put in order, it grows by little with each.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import neo4j
import pytest

from graph.acts import identify, init, track
from graph.acts.journeys import Asked, of_identity
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.queries import load
from graph.rules.probable import Bound
from graph.rules.times import BEGINNING, END
from graph.transaction import Transaction
from tests import given
from tests.graph.test_plans import walk
from tests.graph.test_splits import TOGETHER, happen
from tests.statements import statements
from tests.world import Graph

MORE_JARS = """
    MATCH (visitor:Visitor)<-[:IN]-(:Jar)<-[:ON]-(top:Tenure WHERE NOT EXISTS { (top)-[:TIED_TO]->() })
    WITH visitor, top
    ORDER BY top.since, top.identity_id
    LIMIT 1
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
#: More visitors like one where the user logged in, at the same address.
MORE_VISITORS = """
    MATCH (visitor:Visitor)<-[inside:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)-[resolves:RESOLVES_TO]->(user:User)
    MATCH (user)<-[identified:IDENTIFIED_AS]-(visitor)-[sighting:SEEN_WITH]->(place)
    WITH *
    LIMIT 1
    UNWIND range(1, $count) AS number
    WITH *, 'more-' + number AS id
    CREATE
      (one:Visitor)-[identified_one:IDENTIFIED_AS]->(user),
      (one)-[sighted:SEEN_WITH]->(place),
      (one)<-[in_one:IN]-(its_jar:Jar),
      (its_jar)<-[:ON]-(its_tenure:Tenure:Identity)-[resolves_one:RESOLVES_TO]->(user),
      (its_jar)-[:CURRENT]->(its_tenure)
    SET
      one = visitor {.*, visitor_id: id, root_id: id, latest_tenure_id: id},
      its_jar = jar {.*, jar_id: id},
      its_tenure = tenure {.*, identity_id: id},
      in_one = properties(inside),
      resolves_one = properties(resolves),
      sighted = properties(sighting),
      identified_one = identified {.*, visitor_id: id}
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
        "rows": [init._gather_row(0, command, None)],
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


@pytest.mark.parametrize("name", ["journeys/of_identity", "journeys/of_visitor"])
def test_a_page_of_a_journey_looks_at_the_times_of_tenures_before_it_opens_any(
    browser: tuple[str, str], graph: Graph, hits: Hits, name: str
) -> None:
    """A tenure takes 10 to 15 hits, by the plan that the statistics of that moment lead to; opened, it takes 35."""
    times = {"since": BEGINNING, "until": END, "after_at": BEGINNING, "after_id": ""}
    sent = {"visitor_id": browser[0], "identity_id": browser[1], "user_id": None, **times, "limit": 10}
    few = hits(name, **sent)
    graph.rows(MORE_JARS, tenant=given.TENANT, count=FAT)
    assert hits(name, **sent) < few + 16 * FAT + 300


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


Act = Callable[[Transaction, Any], Any]


@pytest.fixture
def hits_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[Act, Any], int]:
    """How often an act looks into the database, with all its queries."""

    def of(act: Act, command: Any) -> int:
        profiles: list[Any] = []

        def run(tx: Transaction, text: str, params: Mapping[str, Any]) -> neo4j.Result:
            # Planned by the counts of this graph, as the service does when a graph has grown: a plan that was made in the
            # graph of another test may walk from a visitor down to its jars.
            result = tx.bolt.run(f"CYPHER replan=force PROFILE {text}", dict(params))
            consume = result.consume

            def consume_and_note() -> neo4j.ResultSummary:
                summary = consume()
                profiles.append(summary.profile)
                return summary

            result.consume = consume_and_note  # type: ignore[method-assign]
            return result

        with monkeypatch.context() as patched:
            patched.setattr(Transaction, "run", run)
            [done] = database.write(act, [command])
        assert not isinstance(done, IdentityGraphError), done
        return sum(operator["args"].get("DbHits", 0) for profile in profiles for operator in walk(profile))

    return of


@pytest.mark.parametrize("fat", ["visitor", "user and address"])
def test_no_hot_call_costs_more_where_there_is_ten_times_as_much(
    database: Database, graph: Graph, hits_of: Callable[[Act, Any], int], fat: str
) -> None:
    """Of a visitor by its jars, of a user by the visitors, of an address by the visitors there: more than a crowd."""
    address = "203.0.113.9"

    def costs(size: int) -> dict[str, int]:
        graph.empty()
        first = given.visit(fingerprint="f-1", address=address)
        database.write(init.act, [first])
        if fat == "visitor":
            graph.rows(MORE_JARS, tenant=given.TENANT, count=size)
        else:
            at = given.NOON + timedelta(minutes=1)
            database.write(given.log_in, given.login(first.arrival.ids.session, "anna", at=at))
            graph.rows(MORE_VISITORS, count=size)
        at = given.NOON + timedelta(minutes=5)
        visits = {
            "by token": given.visit(jar=first.jar_id, fingerprint="f-1", address=address, at=at),
            "by fingerprint": given.visit(fingerprint="f-1", address=address, at=at),
            "at the address": given.visit(fingerprint="f-2", address=address, at=at),
        }
        found = {f"init {how}": hits_of(init.act, visit) for how, visit in visits.items()}
        for how, visit in visits.items():
            session, later = visit.arrival.ids.session, at + timedelta(minutes=1)
            found[f"track {how}"] = hits_of(track.act, given.event(session, at=later))
            found[f"identify {how}"] = hits_of(identify.act, given.login(session, "anna", at=later))
        return found

    few, many = costs(60), costs(600)
    # The first login gives the user all that follows its tenure, and answers how many sessions and events these are.
    counted = {"identify by token": 21 * 540} if fat == "visitor" else {}
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name] + counted.get(name, 100)} == {}


#: More of everything that leads to one user, fingerprint, address, session or merge group.
MORE_OF_ALL = """
    MATCH (session:Session)-[:DURING]->()-[:ON]->()-[:IN]->(visitor:Visitor)-[:IDENTIFIED_AS]->(user:User)
    MATCH (visitor)-[:HAS_FINGERPRINT]->(fingerprint), (visitor)-[:SEEN_WITH]->(place)
    UNWIND range(1, $count) AS number
    CREATE
      (one:Visitor {tenant: $tenant, visitor_id: 'more-' + number, root_id: 'more-' + number}),
      (one)-[:IDENTIFIED_AS {tenant: $tenant, user_id: user.user_id, visitor_id: 'more-' + number, rank: number}]->(user),
      (one)-[:HAS_FINGERPRINT]->(fingerprint),
      (one)-[:SEEN_WITH]->(place),
      (one)-[:MERGED_INTO]->(visitor),
      (session)-[:RECORDED]->(:Event {tenant: $tenant, event_id: 'more-' + number})
"""


@pytest.fixture
def logged_in(database: Database) -> init.Init:
    """A visit in which `anna` logged in."""
    visit = given.visit(fingerprint="f-1")
    database.write(init.act, [visit])
    database.write(given.log_in, given.login(visit.arrival.ids.session, "anna", at=given.NOON + timedelta(minutes=1)))
    return visit


@pytest.mark.parametrize("name", ["addresses", "fingerprints", "sessions", "tenures", "users"])
def test_a_check_of_a_node_reads_none_of_the_many_that_lead_to_it(
    name: str, logged_in: init.Init, graph: Graph, hits: Hits
) -> None:
    sent = {"first": "", "limit": 1}
    few = hits(f"consistency/{name}", **sent)
    graph.rows(MORE_OF_ALL, tenant=given.TENANT, count=FAT)
    assert hits(f"consistency/{name}", **sent) < few + 20


def test_a_check_walks_a_merge_group_once_for_a_page_of_its_visitors(
    logged_in: init.Init, graph: Graph, hits: Hits
) -> None:
    graph.rows(MORE_OF_ALL, tenant=given.TENANT, count=FAT)
    visitor_ids = [f"more-{number}" for number in range(1, FAT + 1)]
    alone = hits("consistency/relationships", visitor_ids=visitor_ids[:1])
    assert hits("consistency/relationships", visitor_ids=visitor_ids) < alone + 150 * FAT


def test_a_count_of_logins_does_not_search_what_was_closed_for_each(
    logged_in: init.Init, graph: Graph, hits: Hits
) -> None:
    graph.rows(
        """
        MATCH (login:Event)<-[:RECORDED]-()-[:DURING]->()-[:ON]->()-[:IN]->(visitor)
        UNWIND range(1, $count) AS number
        CREATE
          (user:User:Identity {tenant: $tenant, user_id: 'more-' + number, identity_id: 'more-' + number}),
          (visitor)-[:WAS_IDENTIFIED_AS {user_id: user.user_id, claimed_count: 1, until: login.received_at}]->(user),
          (more:Event)
        SET more = login {.*, event_id: 'more-' + number, message_id: null, user_id: user.user_id}
        """,
        tenant=given.TENANT,
        count=FAT,
    )
    sent = {"visitor_ids": [logged_in.arrival.ids.visitor], "after": "", "limit": 10}
    assert hits("visitors/observed", **sent) < 60 * FAT
