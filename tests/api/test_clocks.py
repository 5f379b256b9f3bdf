"""Closings and arrivals count in the order in which they happened, even if the clocks of the servers differ or stand still."""

from collections.abc import Callable

import pytest

from app import jobs
from graph.database import Database
from tests.api.test_consistency import check
from tests.world import Answer, Api, Clock, Graph, Json

#: Seconds by which the clock of the server that handles the next call is ahead of the clock of the server before it.
APART = pytest.mark.parametrize("seconds", [0, -5, 5])


def jars(api: Api) -> tuple[Answer, Answer]:
    """Return visits of two jars that are in the same visitor."""
    first, second = api.init("f-1"), api.init("f-1")
    assert first["visitorId"] == second["visitorId"]
    return first, second


def jar_of(api: Api, visit: Answer) -> str:
    jar_id: str = api.get("sessions", visit["sessionId"])["jarId"]
    return jar_id


def counts(graph: Graph) -> dict[tuple[str, str], int]:
    rows = graph.rows("MATCH (v)-[r:IDENTIFIED_AS]->(u) RETURN v.visitor_id AS v, u.user_id AS u, r.count AS n")
    return {(row["v"], row["u"]): row["n"] for row in rows}


def log_in(api: Api, visit: Answer) -> None:
    api.identify(visit, "anna")


def collect(api: Api, visit: Answer) -> None:
    api.init("f-1", visitorToken=visit["visitorToken"], userId="anna")


@APART
@pytest.mark.parametrize("seen", [log_in, collect])
def test_what_counted_before_a_removal_never_counts_again(
    api: Api, clock: Clock, graph: Graph, seconds: int, seen: Callable[[Api, Answer], None]
) -> None:
    first, second = jars(api)
    seen(api, second)
    clock.forward(seconds=seconds)
    api.remove("users", "anna", "visitors", first["visitorId"])
    assert check(api, repair=True) == []
    assert counts(graph) == {}
    clock.forward(seconds=seconds)
    api.change("visitors", first["visitorId"], "split", jar=jar_of(api, second))
    assert counts(graph) == {}
    assert check(api, repair=True) == []


@APART
def test_what_comes_in_after_a_removal_counts_for_good(api: Api, clock: Clock, graph: Graph, seconds: int) -> None:
    first, second = jars(api)
    api.identify(first, "anna")
    api.identify(second, "anna")
    clock.forward(seconds=seconds)
    api.remove("users", "anna", "visitors", first["visitorId"])
    clock.forward(seconds=seconds)
    api.identify(second, "anna")
    collect(api, second)
    visitor = first["visitorId"]
    assert counts(graph) == {(visitor, "anna"): 2}
    assert check(api, repair=True) == []
    assert counts(graph) == {(visitor, "anna"): 2}
    clock.forward(seconds=seconds)
    apart = api.change("visitors", visitor, "split", jar=jar_of(api, second))
    assert counts(graph) == {(apart["splitOffId"], "anna"): 2}
    clock.forward(seconds=seconds)
    api.identify(second, "anna")
    assert counts(graph) == {(apart["splitOffId"], "anna"): 3}
    assert check(api, repair=True) == []


@APART
@pytest.mark.parametrize("part", ["jar", "fingerprint"])
def test_what_leaves_after_a_removal_had_been_there_then(
    api: Api, clock: Clock, graph: Graph, seconds: int, part: str
) -> None:
    first, second = jars(api)
    api.identify(second, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", first["visitorId"])
    clock.forward(minutes=-1, seconds=seconds)
    what: Json = {"jar": jar_of(api, second)} if part == "jar" else {"fingerprint": "f-1"}
    assert api.change("visitors", first["visitorId"], "split", **what)["splitOffId"]
    assert counts(graph) == {}
    assert check(api) == []


@APART
def test_what_comes_in_after_a_sweep_counts_for_good(
    api: Api, clock: Clock, graph: Graph, database: Database, seconds: int
) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(days=2000)
    assert jobs.run(database, api.keys.tenant_id, "sweep", clock=clock, new_id=lambda: "chg_1") == 1
    clock.forward(seconds=seconds)
    collect(api, visit)
    assert check(api, repair=True) == []
    assert counts(graph) == {(visit["visitorId"], "anna"): 1}


@APART
def test_what_was_hidden_when_it_was_removed_stays_so(api: Api, clock: Clock, seconds: int) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    api.track(visit, "hers")
    api.put("users", "anna", "visitors", visit["visitorId"], "visibility", visible=False)
    clock.forward(seconds=seconds)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    journey = api.pages("visitors", visit["visitorId"], "journey")
    assert [event["eventName"] for event in journey] == ["hers"]
    anna = api.get("users", "anna")["identityId"]
    assert anna not in str(journey)
    clock.forward(seconds=seconds)
    assert api.identify(visit, "anna")["identityId"] == anna
    shown = api.pages("visitors", visit["visitorId"], "journey")
    assert sorted((event["eventName"], event["asRecorded"]["identityId"] == anna) for event in shown) == [
        ("hers", False),
        ("identify", True),
    ]


def state(api: Api, visit: Answer) -> None:
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=90)


def claim(api: Api, visit: Answer) -> None:
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=90, claim=True)


@APART
@pytest.mark.parametrize("contradict", [log_in, state, claim])
def test_a_user_id_that_was_refused_stays_so_once_that_was_contradicted(
    api: Api, clock: Clock, graph: Graph, seconds: int, contradict: Callable[[Api, Answer], None]
) -> None:
    first, second = jars(api)
    merged = api.init("f-3")
    api.change("visitors", merged["visitorId"], "merge", into=first["visitorId"])
    api.identify(first, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", first["visitorId"])
    clock.forward(seconds=1)
    collect(api, second)
    clock.forward(seconds=seconds)
    contradict(api, first)
    assert graph.edges("CANNOT_LINK") == set()
    into = api.init("f-2")
    api.change("visitors", first["visitorId"], "merge", into=into["visitorId"])
    api.change("visitors", first["visitorId"], "split")
    assert counts(graph) == {(first["visitorId"], "anna"): 1}
    assert check(api) == []


def test_two_things_that_came_in_keep_the_times_of_their_servers(api: Api, clock: Clock, graph: Graph) -> None:
    """Two servers' arrivals are put in order only by a closing between them."""
    visit = api.init("f-1")
    times = [clock.time]
    for _ in range(3):
        times.append(clock.forward(seconds=-1))
        api.track(visit)
    rows = graph.rows("MATCH (e:Event) RETURN e.received_at AS at ORDER BY at DESC")
    assert [row["at"].to_native() for row in rows] == times[1:]
    [row] = graph.rows("MATCH (v:Visitor) RETURN v.last_received_at AS at, v.last_closed_at AS closed")
    assert (row["at"].to_native(), row["closed"]) == (times[0], None)
