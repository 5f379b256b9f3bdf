"""A token or an `anonymousId` that several browsers use recognises nobody, and tells nobody a name."""

from collections.abc import Callable

import neo4j
import pytest

from graph.acts import trust
from graph.acts.rebuild import Rebuild
from graph.database import Database
from graph.model import Change
from graph.rules.policy import Policy
from tests import given
from tests.api.test_consistency import check
from tests.world import IPHONE, Api, Clock, Done, Graph

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)

UBUNTU = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
#: A jar whose name nobody contradicted.
ONE_MORE = "MATCH (jar:Jar) WHERE jar.contradicted_at IS NULL RETURN jar.jar_id AS jar_id LIMIT 1"


def contradicted(api: Api) -> list[tuple[str, str, int]]:
    return [
        (warning["code"], warning["subject"], warning["count"])
        for warning in api.pages("warnings")
        if warning["code"] == "contradicted_jar"
    ]


def test_a_cloned_profile_is_two_browsers_from_then_on(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("f-1", agent=WINDOWS)
    api.identify(first, "anna")
    clock.forward(hours=1)
    clone = api.init("f-2", visitorToken=first["visitorToken"], agent=IPHONE)

    assert clone["isNewVisitor"] is True
    assert clone["visitorId"] != first["visitorId"]
    assert clone["userId"] is None
    assert clone["warnings"] == ["contradicted_jar"]
    assert clone["visitorToken"] != first["visitorToken"]
    [jar] = graph.rows(
        "MATCH (jar:Jar) WHERE jar.contradicted_at IS NOT NULL RETURN jar.jar_id AS jar_id, jar.os AS os"
    )
    assert jar["os"] == "Windows"
    assert contradicted(api) == [("contradicted_jar", jar["jar_id"], 1)]

    # The first browser is recognised by its fingerprint, and by its new token afterwards.
    clock.forward(hours=1)
    back = api.init("f-1", visitorToken=first["visitorToken"], agent=WINDOWS)
    assert (back["visitorId"], back["match"]["method"]) == (first["visitorId"], "fingerprint")
    assert back["userId"] is None
    assert back["warnings"] == ["contradicted_jar"]
    again = api.init("f-1", visitorToken=back["visitorToken"], agent=WINDOWS)
    assert (again["visitorId"], again["match"]["method"], again["warnings"]) == (first["visitorId"], "token", [])
    theirs = api.init("f-2", visitorToken=clone["visitorToken"], agent=IPHONE)
    assert (theirs["visitorId"], theirs["warnings"]) == (clone["visitorId"], [])


def test_a_build_number_that_all_browsers_send_joins_no_more_than_the_first(
    api: Api, clock: Clock, graph: Graph
) -> None:
    visits = []
    for number in range(9):
        clock.forward(minutes=10)
        visits.append(api.init(f"f-{number}", anonymousId="build 4711", address=f"198.51.100.{number}"))
    visitors = [visit["visitorId"] for visit in visits]

    assert len(set(visitors[:5])) == 1
    assert len(set(visitors[4:])) == 5
    assert [visit["warnings"] for visit in visits] == [[]] * 5 + [["contradicted_jar"]] * 4
    assert contradicted(api) == [("contradicted_jar", "build 4711", 4)]
    assert graph.count("Jar") == 5


def test_a_name_that_somebody_trusts_recognises_its_browser_again(
    api: Api, clock: Clock, graph: Graph, command: Callable[..., Done]
) -> None:
    first = api.init("f-1", anonymousId="a-1", agent=WINDOWS)
    api.identify(first, "anna")
    clock.forward(hours=1)
    assert api.init("f-2", anonymousId="a-1", agent=UBUNTU)["warnings"] == ["contradicted_jar"]

    done = command("trust", "shop", "caller:a-1", "--reason", "his laptop has a new system")
    assert (done.code, first["visitorId"] in done.out) == (0, True), done.err
    clock.forward(hours=1)
    back = api.init("f-2", anonymousId="a-1", agent=UBUNTU)
    assert (back["visitorId"], back["match"]["method"], back["warnings"]) == (first["visitorId"], "anonymous_id", [])
    clock.forward(hours=1)
    assert api.init("f-2", anonymousId="a-1", agent=IPHONE)["warnings"] == ["contradicted_jar"]
    [entry] = [each for each in api.pages("audit", about=f"visitor:{first['visitorId']}") if each["act"] == "trust"]
    assert (entry["reason"], entry["before"]["jarId"]) == ("his laptop has a new system", "caller:a-1")
    assert check(api) == []

    missing = command("trust", "shop", "caller:none")
    assert (missing.code, "there is no jar caller:none" in missing.err) == (1, True)
    assert "was not contradicted" in command("trust", "shop", graph.rows(ONE_MORE)[0]["jar_id"]).out


def test_a_trusted_name_that_showed_too_many_fingerprints_is_one_machine_again(
    api: Api, clock: Clock, database: Database
) -> None:
    visits = []
    for number in range(7):
        clock.forward(minutes=10)
        visits.append(api.init(f"f-{number}", anonymousId="build 4711", address=f"198.51.100.{number}"))
    change = Change("chg_trust", clock(), "job:trust")
    for changed in (True, False):
        trusting = trust.Trust("caller:build 4711", change, Policy(), given.ids())
        assert database.of(api.keys.tenant_id).write(trust.act, trusting).changed is changed
    rebuilding = Rebuild(Policy(), clock(), "job:test", lambda: "1", False, "chg_1")
    assert "visitor_numbers" not in {
        finding.kind for finding in rebuilding.act(database.of(api.keys.tenant_id)).findings
    }
    assert api.init("f-6", anonymousId="build 4711", address="198.51.100.6")["visitorId"] == visits[0]["visitorId"]


def test_events_and_logins_by_such_a_name_are_no_ones_who_came_before(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("f-1", anonymousId="a-1", agent=WINDOWS)
    api.identify(first, "anna")
    api.init("f-2", anonymousId="a-1", agent=IPHONE)
    clock.forward(minutes=1)

    event = api.track(None, "search", anonymousId="a-1")
    login = api.identify(None, "bert", anonymousId="a-1")
    assert event["userId"] is None
    assert len({api.get("sessions", each["sessionId"])["visitorId"] for each in (first, event, login)}) == 3
    assert api.journey("users", "anna") == ["identify"]
    assert {visitor["visitorId"] for visitor in api.pages("users", "anna", "visitors")} == {first["visitorId"]}


@pytest.mark.parametrize("call", ["track", "identify"])
def test_an_event_of_another_browser_is_not_of_the_session_that_is_open(api: Api, clock: Clock, call: str) -> None:
    """A page that sends no `init`, only events with its build number as `anonymousId`."""
    first = api.track(None, "search", anonymousId="build 4711", agent=WINDOWS)
    api.identify(None, "anna", anonymousId="build 4711", agent=WINDOWS)
    clock.forward(minutes=10)
    if call == "track":
        other = api.track(None, "look", anonymousId="build 4711", agent=IPHONE, messageId="m-1")
        again = api.track(None, "look", anonymousId="build 4711", agent=IPHONE, messageId="m-1")
        assert other["userId"] is None
    else:
        other = api.identify(None, "bert", anonymousId="build 4711", agent=IPHONE, messageId="m-1")
        again = api.identify(None, "bert", anonymousId="build 4711", agent=IPHONE, messageId="m-1")
    assert again.json == {**other.json, "duplicate": True}
    assert other["sessionId"] != first["sessionId"]
    assert api.journey("users", "anna") == ["search", "identify"]
    assert contradicted(api) == [("contradicted_jar", "build 4711", 1)]


def test_a_repeat_is_answered_as_before(api: Api, graph: Graph) -> None:
    api.init("f-1", anonymousId="a-1", agent=WINDOWS, messageId="m-1")
    clone = api.init("f-2", anonymousId="a-1", agent=IPHONE, messageId="m-2")

    assert api.init("f-2", anonymousId="a-1", agent=IPHONE, messageId="m-2").json == {**clone.json, "duplicate": True}
    assert (graph.count("Session"), graph.count("Jar"), graph.count("Visitor")) == (2, 2, 2)


@pytest.mark.parametrize(("agent", "visitors"), [(WINDOWS, 1), (IPHONE, 2)])
def test_collected_fingerprints_of_a_batch_are_of_the_browser_that_sends_it(
    api: Api, graph: Graph, agent: str, visitors: int
) -> None:
    api.init("f-1", anonymousId="a-1", agent=WINDOWS)
    events = [
        {"type": "collect", "fingerprint": {"visitorId": f"f-{number}"}, "anonymousId": "a-1"} for number in (2, 3)
    ]
    answer = api.post("/eventTracking/batch", {"events": events}, agent=agent)
    assert all("visitorId" in result for result in answer["results"]), answer.json
    assert graph.count("Visitor") == visitors


def test_the_fingerprints_of_such_a_name_tie_newcomers_to_nobody(api: Api, clock: Clock) -> None:
    for number in range(6):
        clock.forward(minutes=10)
        visit = api.init(f"f-{number}", anonymousId="build 4711", address=f"198.51.100.{number}")
        if number == 0:
            api.identify(visit, "anna")
            first = visit
    clock.forward(minutes=10)
    newcomer = api.init("f-3", address="198.51.100.3")
    assert (newcomer["isNewVisitor"], newcomer["userId"]) == (True, None)
    assert newcomer["match"]["confidence"] < 0.8
    assert {visitor["visitorId"] for visitor in api.pages("users", "anna", "visitors")} == {first["visitorId"]}
    assert check(api) == []


def test_calls_of_a_page_in_one_request_are_one_browsers_whatever_its_name(api: Api, graph: Graph) -> None:
    api.init("f-1", anonymousId="a-1", agent=WINDOWS)
    api.init("f-2", anonymousId="a-1", agent=IPHONE)
    before = graph.count("Visitor")
    events = [{"type": "track", "anonymousId": "a-1", "eventName": name} for name in ("look", "buy", "pay")]
    collected = {"type": "collect", "fingerprint": {"visitorId": "f-3"}, "anonymousId": "a-1"}
    [collect, *results] = api.post("/eventTracking/batch", {"events": [collected, *events]}, agent=IPHONE)["results"]
    assert {result["visitorId"] for result in (collect, *results)} == {collect["visitorId"]}
    assert len({result["sessionId"] for result in results}) == 1
    assert [result["warnings"] for result in results] == [["contradicted_jar"], [], []]
    assert graph.count("Visitor") == before + 1
    # A server may send what several browsers did.
    for event in events:
        event["messageId"] = f"server {event['eventName']}"
    results = api.post("/eventTracking/batch", {"events": events}, secret=True)["results"]
    assert len({result["sessionId"] for result in results}) == 3


def test_nobody_waits_for_such_a_name(api: Api, driver: neo4j.Driver) -> None:
    api.init("f-1", anonymousId="a-1", agent=WINDOWS)
    api.init("f-2", anonymousId="a-1", agent=IPHONE)
    with driver.session() as session, session.begin_transaction() as held:
        held.run("MATCH (jar:Jar {jar_id: 'caller:a-1'}) SET jar._lock = true").consume()
        assert api.init("f-3", anonymousId="a-1", agent=IPHONE)["warnings"] == ["contradicted_jar"]
        assert api.track(None, "look", anonymousId="a-1", agent=IPHONE)["warnings"] == ["contradicted_jar"]
        held.rollback()
