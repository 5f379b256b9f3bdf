"""A list of logins gives the graph that they give one by one, and a login sends few statements."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from graph.acts import identify, init, track
from graph.acts.identify import Identified, Identify
from graph.acts.init import Init
from graph.acts.later import Later
from graph.database import Database
from graph.errors import Gone, NotFound, Refused
from graph.rules.policy import Policy
from tests import given
from tests.graph.test_splits import checked
from tests.statements import statements
from tests.world import Graph

HOME = "203.0.113.50"
#: BEGIN and COMMIT are not counted.
STATEMENTS_MAX = 6


def visits(database: Database, count: int, **seen: Any) -> list[Init]:
    """Visits of browsers that have nothing in common unless `seen` says so, recorded."""
    made = [given.visit(fingerprint=f"f-{number}", **seen) for number in range(count)]
    for visit in made:
        database.write(init.act, [visit])
    return made


def login(visit: Init, user_id: str, **at: Any) -> Identify:
    return given.login(visit.arrival.ids.session, user_id, **at)


def test_a_first_login_sends_at_most_six_statements(database: Database) -> None:
    [visit] = visits(database, 1)
    with statements() as ran:
        database.write(given.log_in, login(visit, "anna"))
    assert ran == ["identify/lock", "identify/gather", "identify/lock_users", "identify/apply", "track/apply"]


def test_a_repeated_login_of_the_same_user_sends_at_most_six_statements(database: Database) -> None:
    [visit] = visits(database, 1)
    database.write(given.log_in, login(visit, "anna"))
    with statements() as ran:
        database.write(given.log_in, login(visit, "anna"))
    assert len(ran) <= STATEMENTS_MAX


def test_a_login_that_is_carried_on_over_two_hops_sends_at_most_six_statements(database: Database) -> None:
    laptop, tablet = visits(database, 2, address=HOME)
    cafe = "203.0.113.60"
    database.write(init.act, [given.visit(jar=tablet.jar_id, address=cafe)])
    database.write(init.act, [given.visit(fingerprint="f-cafe", address=cafe)])
    with statements() as ran:
        identified = database.write(given.log_in, login(laptop, "anna"))
    assert identified.propagated == 2
    assert len(ran) <= STATEMENTS_MAX


def test_a_duplicate_sends_two_statements(database: Database) -> None:
    [visit] = visits(database, 1)
    command = login(visit, "anna")
    first = database.write(given.log_in, command)
    with statements() as ran:
        again = database.write(given.log_in, command)
    assert again == replace(first, duplicate=True)
    assert ran == ["identify/lock", "identify/gather"]


def test_a_policy_of_three_hops_carries_a_login_on_over_three(database: Database) -> None:
    """One query looks two hops far, so this takes a second one."""
    policy = replace(Policy(), propagation_hops=3, propagation_hop_factor=1.0)
    places = [f"203.0.113.{number}" for number in (50, 60, 70)]
    [laptop] = visits(database, 1, address=places[0])
    for number, place in enumerate(places, 1):
        visit = given.visit(fingerprint=f"f-{number}", address=place)
        database.write(init.act, [visit])
        for further in places[number : number + 1]:
            database.write(init.act, [given.visit(jar=visit.jar_id, address=further)])
    with statements() as ran:
        identified = database.write(given.log_in, given.arriving(login(laptop, "anna"), policy=policy))
    assert identified.propagated == len(places)
    assert ran.count("identify/lock") == 2


def picture(graph: Graph) -> dict[str, Any]:
    """All nodes and edges."""
    nodes = graph.rows("MATCH (n) WHERE NOT n:Migration RETURN labels(n) AS labels, properties(n) AS properties")
    edges = graph.rows(
        "MATCH (a)-[r]->(b) RETURN type(r) AS type, properties(r) AS properties, "
        "coalesce(a.session_id, a.identity_id, a.visitor_id, a.jar_id) AS one, "
        "coalesce(b.event_id, b.session_id, b.identity_id, b.visitor_id, b.jar_id) AS other"
    )
    return {
        "nodes": sorted(map(repr, map(ordered, nodes))),
        "edges": sorted(map(repr, map(ordered, edges))),
    }


def ordered(value: Any) -> Any:
    return {key: ordered(value[key]) for key in sorted(value)} if isinstance(value, dict) else value


def test_independent_logins_in_a_list_give_the_graph_that_they_give_one_by_one(
    database: Database, graph: Graph
) -> None:
    """A second login, a late one, a repeated one, a first one, a placeholder; each has a neighbour to be carried on to."""
    at = given.NOON + timedelta(minutes=5)
    seen = [given.visit(fingerprint=f"f-{number}", address=f"203.0.113.{number // 2}") for number in range(12)]
    clicks = [given.event(visit.arrival.ids.session, at=given.NOON + timedelta(seconds=1)) for visit in seen]
    before = [login(visit, user, at=at) for visit, user in zip(seen[0:6:2], ("anna", "ben", "cleo"), strict=True)]
    logins = [
        login(visit, user, at=at + timedelta(minutes=minutes))
        for visit, user, minutes in zip(
            seen[::2], ("dora", "emil", "cleo", "fred", "undefined", "gina"), (1, -1, 1, 1, 1, 1), strict=True
        )
    ]

    def begin() -> None:
        graph.empty()
        for visit in seen:
            database.write(init.act, [visit])
        database.write(track.act, clicks)
        for command in before:
            database.write(given.log_in, command)

    begin()
    one_by_one = [database.write(given.log_in, command) for command in logins]
    expected = picture(graph)
    begin()
    assert database.write(identify.act, logins) == one_by_one
    assert picture(graph) == expected
    assert len(graph.edges("PROBABLY")) > len(logins)


def test_of_logins_that_meet_the_later_ones_wait(database: Database, graph: Graph) -> None:
    first, second, third = visits(database, 3)
    laptop, tablet = (given.visit(fingerprint=f"home-{number}", address=HOME) for number in range(2))
    for visit in (laptop, tablet):
        database.write(init.act, [visit])
    logins = [
        login(first, "anna"),
        login(first, "ben"),
        login(second, "anna"),
        login(third, "cleo"),
        login(laptop, "dora"),
        login(tablet, "emil"),
    ]
    logins.append(replace(login(second, "fred"), message=logins[0].message))
    results = database.write(identify.act, logins)
    assert [isinstance(result, Later) for result in results] == [False, True, True, False, False, True, True]
    assert {user for _, user in graph.edges("RESOLVES_TO")} == {"anna", "cleo", "dora"}
    assert graph.count("User") == graph.count("Event") == 3


def test_what_follows_a_waiting_login_in_its_session_waits_too(database: Database) -> None:
    first, second = visits(database, 2)
    results = database.write(
        identify.act, [login(first, "anna"), login(second, "anna"), login(second, "ben"), login(second, "undefined")]
    )
    assert [isinstance(result, Later) for result in results] == [False, True, True, True]


def test_a_refusal_in_a_list_writes_nothing_and_stops_no_other(database: Database, graph: Graph) -> None:
    one, other, third, fourth, fifth = visits(database, 5)
    told = login(one, "anna")
    database.write(given.log_in, told)
    conflict = replace(login(other, "ben"), message=replace(told.message, request_hash="another"))
    too_many = given.arriving(login(fourth, "dora"), policy=replace(Policy(), claims_max=0))
    results = database.write(
        identify.act,
        [
            conflict,
            given.login("no-session", "cleo"),
            login(third, "emil", at=given.NOON + timedelta(days=3)),
            too_many,
            login(fifth, "fred"),
        ],
    )
    assert [type(result) for result in results] == [Refused, NotFound, Gone, Identified, Identified]
    assert {user for _, user in graph.edges("RESOLVES_TO")} == {"anna", "fred"}
    # A login that claims nothing is recorded, too.
    assert graph.count("Event") == 3
    assert graph.count("User") <= 3


@pytest.mark.parametrize("kind", ["first", "second"])
def test_an_unexpected_failure_in_a_list_leaves_nothing_of_it(kind: str, database: Database, graph: Graph) -> None:
    one, other = visits(database, 2)
    before = picture(graph)
    logins = [login(one, "anna"), login(other, "ben")]
    broken = replace(logins[kind == "second"], properties=object())  # type: ignore[arg-type]
    logins[kind == "second"] = broken
    with pytest.raises(Exception, match="object"):
        database.write(identify.act, logins)
    assert picture(graph) == before


def test_logins_dated_before_their_session_began_move_no_other_users_data(database: Database, graph: Graph) -> None:
    """Two sessions of one `anonymousId`: S0 began 20 minutes ago, S1 begins now."""
    now = given.NOON
    sessions = {}
    for name, minutes in {"S0": -20, "S1": 0}.items():
        visit = given.visit(at=now + timedelta(minutes=minutes), jar="caller:a-1", fingerprint="f-1")
        database.write(init.act, [visit])
        sessions[name] = visit.arrival.ids.session
    for user, session, minutes in (("u2", "S1", -10), ("u4", "S0", -5), ("u9", "S0", -15)):
        login = given.login(sessions[session], user, at=now + timedelta(minutes=minutes), received_at=now)
        database.write(given.log_in, login)

    recorded = graph.rows(
        """
        MATCH (event:Event {name: 'identify'})<-[:RECORDED]-(:Session)-[:DURING]->(tenure)-[:RESOLVES_TO]->(user)
        RETURN event.user_id AS login, user.user_id AS whose, tenure.identity_id = event.tenure_id AS is_there
        ORDER BY login
        """
    )
    assert recorded == [{"login": user, "whose": user, "is_there": True} for user in ("u2", "u4", "u9")]
    assert checked(database) == []


@pytest.mark.parametrize("minutes", [(-10, -5), (-5, -10), (0, 0)])
def test_two_logins_that_count_from_one_time_keep_each_their_own(
    minutes: tuple[int, int], database: Database, graph: Graph
) -> None:
    visit = given.visit()
    database.write(init.act, [visit])
    session, now = visit.arrival.ids.session, given.NOON
    database.write(track.act, [given.event(session, at=now)])
    for user, minute in zip(("u1", "u2"), minutes, strict=True):
        login = given.login(session, user, at=now + timedelta(minutes=minute), received_at=now)
        database.write(given.log_in, login)
    database.write(track.act, [given.event(session, at=now + timedelta(minutes=1))])

    recorded = graph.rows(
        """
        MATCH (event:Event)<-[:RECORDED]-(:Session)-[:DURING]->()-[:RESOLVES_TO]->(user)
        RETURN user.user_id AS whose, event.user_id AS login
        ORDER BY whose, login
        """
    )
    assert [(row["whose"], row["login"]) for row in recorded] == [
        ("u1", "u1"),
        ("u2", "u2"),
        ("u2", None),
        ("u2", None),
    ]
    assert checked(database) == []
