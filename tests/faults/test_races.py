"""Simultaneous requests on the same nodes lose nothing and count nothing twice."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, LiteralString

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.world import Answer, Api, Clock, Graph, Json, address_of


def at_once(count: int, act: Callable[[int], Answer]) -> list[Answer]:
    """Start `count` calls together and return their answers."""
    barrier = threading.Barrier(count)
    answers: list[Answer | None] = [None] * count

    def call(number: int) -> None:
        barrier.wait()
        answers[number] = act(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert all(answer is not None for answer in answers)
    return [answer for answer in answers if answer is not None]


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_30_simultaneous_first_visits_with_one_fingerprint_make_one_visitor(api: Api, graph: Graph) -> None:
    sent: dict[str, Any] = {"fingerprint": {"visitorId": "f-1"}}
    answers = at_once(30, lambda _: api.post("/eventTracking/init", sent))

    assert statuses(answers) == {200: 30}
    assert len({answer["visitorId"] for answer in answers}) == 1
    assert [answer["isNewVisitor"] for answer in answers].count(True) == 1
    assert graph.count("Visitor") == 1
    assert graph.count("Jar") == graph.count("Session") == 30
    assert len(graph.edges("TIED_TO")) == 29
    [edge] = graph.rows("MATCH (:Visitor)-[r:HAS_FINGERPRINT]->() RETURN r.count AS count")
    assert edge["count"] == 30


def test_100_simultaneous_logins_of_one_user_on_100_visitors_make_one_identity(api: Api, graph: Graph) -> None:
    visits = [api.init(f"f-{number}") for number in range(100)]
    # A server plans a query when it first sees it, while all calls wait; so each query runs once before the race.
    rehearsal = {"sessionId": api.init("f-rehearsal")["sessionId"], "userProperties": {"userId": "rehearsal"}}
    assert api.post("/eventTracking/identify", rehearsal).status == 200
    answers = at_once(
        100,
        lambda number: api.post(
            "/eventTracking/identify",
            {"sessionId": visits[number]["sessionId"], "userProperties": {"userId": "anna"}},
        ),
    )

    assert statuses(answers) == {200: 100}
    assert len({answer["identityId"] for answer in answers}) == 1
    assert graph.count("User") == 2
    assert len(graph.edges("RESOLVES_TO")) == len(graph.edges("IDENTIFIED_AS")) == 101
    assert len(api.journey("users", "anna")) == 100


def test_two_simultaneous_logins_in_one_session_give_each_user_a_tenure(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    answers = at_once(
        8,
        lambda number: api.post(
            "/eventTracking/identify",
            {"sessionId": visit["sessionId"], "userProperties": {"userId": f"user-{number % 2}"}},
        ),
    )

    assert statuses(answers) == {200: 8}
    owners = graph.rows(
        "MATCH (t:Tenure) RETURN [(t)-[:RESOLVES_TO]->(u) | u.user_id] AS users, COUNT {(t)<-[:DURING]-()} AS sessions"
    )
    assert all(len(owner["users"]) == 1 for owner in owners)
    assert sum(len(api.journey("users", f"user-{number}")) for number in range(2)) == 8


def test_simultaneous_repeats_of_one_message_are_one_event(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    sent = {"sessionId": visit["sessionId"], "eventName": "buy", "messageId": "m-1"}
    answers = at_once(16, lambda _: api.post("/eventTracking/track", sent))

    assert statuses(answers) == {200: 16}
    assert [answer["duplicate"] for answer in answers].count(False) == 1
    assert len({answer["eventId"] for answer in answers}) == 1
    assert graph.count("Event") == 1


@pytest.mark.parametrize("_round", range(8))
def test_simultaneous_repeats_of_one_first_visit_are_one_session(api: Api, graph: Graph, _round: int) -> None:
    """There are 8 rounds: with a driver that used connections it had given back, every third round never ended."""
    answers = at_once(16, lambda _: api.post("/eventTracking/init", {"messageId": "m-1"}))

    assert statuses(answers) == {200: 16}
    assert len({answer["sessionId"] for answer in answers}) == 1
    assert len({answer["visitorToken"] for answer in answers}) == 1
    assert graph.count("Session") == graph.count("Visitor") == 1


def test_events_of_one_session_are_all_counted(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    sent = {"sessionId": visit["sessionId"], "eventName": "click"}
    answers = at_once(40, lambda _: api.post("/eventTracking/track", sent))

    assert statuses(answers) == {200: 40}
    [row] = graph.rows("MATCH (t:Tenure)<-[:DURING]-(s:Session) RETURN t.events AS tenure, s.events AS session")
    assert row == {"tenure": 40, "session": 40}


def test_simultaneous_visits_and_logins_on_shared_fingerprints_and_addresses_all_succeed(
    api: Api, graph: Graph
) -> None:
    known = [api.init(f"f-{number % 5}") for number in range(20)]

    def act(number: int) -> Answer:
        visit = known[number % 20]
        if number % 3 == 0:
            return api.post("/eventTracking/init", {"fingerprint": {"visitorId": f"f-{number % 5}"}})
        if number % 3 == 1:
            login = {"sessionId": visit["sessionId"], "userProperties": {"userId": f"user-{number % 7}"}}
            return api.post("/eventTracking/identify", login)
        return api.post(
            "/eventTracking/init",
            {"visitorToken": visit["visitorToken"], "fingerprint": {"visitorId": f"f-{(number + 1) % 5}"}},
        )

    answers = at_once(60, act)

    assert statuses(answers) == {200: 60}
    wrong = graph.rows(
        "MATCH (t:Tenure) WITH t, COUNT {(t)<-[:DURING]-()} AS sessions, "
        "COUNT {(t)<-[:DURING]-(:Session)-[:RECORDED]->()} AS events "
        "WHERE sessions <> t.sessions OR events <> t.events RETURN t.identity_id AS id"
    )
    assert wrong == []


def test_16_simultaneous_statements_logins_merges_and_splits_on_the_same_pairs_lose_nothing(api: Api) -> None:
    visits = [api.init(f"f-{number}") for number in range(4)]
    ids = [visit["visitorId"] for visit in visits]
    sent: Counter[str] = Counter()

    def act(number: int) -> Answer:
        user, visitor = ("anna", "ben")[number % 2], ids[number // 2 % 4]
        if number < 8:
            return api.put("users", user, "visitors", visitor, confidence=90)
        if number < 12:
            pairs = [{"userId": user, "visitorId": visitor_id, "confidence": 80} for visitor_id in reversed(ids)]
            return api.change("relationships", "batch", relationships=pairs)
        if number < 14:
            return api.post(
                "/eventTracking/identify",
                {"sessionId": visits[number % 4]["sessionId"], "userProperties": {"userId": "anna"}},
            )
        if number == 14:
            return api.post(f"/api/v1/visitors/{ids[0]}/merge", {"into": ids[1]}, secret=True)
        return api.post(f"/api/v1/visitors/{ids[0]}/split", {}, secret=True)

    for _ in range(6):
        answers = at_once(16, act)
        # A split that comes before the merge finds nothing to undo.
        assert statuses(answers[:15]) == {200: 15}
        assert answers[15].status in (200, 409)
        for number in (*range(8), *range(8, 12), 12, 13):
            sent["anna" if number >= 12 else ("anna", "ben")[number % 2]] += 4 if 8 <= number < 12 else 1

    for user in ("anna", "ben"):
        listed = api.get("users", user, "visitors")["items"]
        counted = sum(item["count"] for item in listed)
        assert counted == sent[user]
    assert api.change("consistency", "check")["findings"] == []


def test_16_simultaneous_statements_removals_merges_and_splits_are_each_recorded_once(
    api: Api, graph: Graph, clock: Clock
) -> None:
    visits = [api.init(f"f-{number}") for number in range(4)]
    ids = [visit["visitorId"] for visit in visits]
    accepted: Counter[str] = Counter()
    associated: Counter[str] = Counter()

    def act(number: int) -> Answer:
        user, visitor, reason = ("anna", "ben")[number % 2], ids[number // 2 % 4], f"{turn}:{number}:"
        if number < 5:
            return api.put("users", user, "visitors", visitor, confidence=90, reason=f"{reason}0")
        if number < 8:
            parts: list[Json] = [{"visitorId": visitor_id, "confidence": 80} for visitor_id in reversed(ids)]
            parts[2] = {"do": "delete", "visitorId": visitor}
            items = [{"userId": user, "reason": f"{reason}{place}", **part} for place, part in enumerate(parts)]
            return api.change("relationships", "batch", relationships=items)
        if number < 10:
            return api.identify(visits[number % 4], "carl")
        if number < 14:
            return api.remove("users", user, "visitors", visitor, expect=None, reason=f"{reason}0")
        merges = {"into": ids[1]} if number == 14 else {}
        path = f"/api/v1/visitors/{ids[0]}/{'merge' if merges else 'split'}"
        return api.post(path, {"reason": f"{reason}0", **merges}, secret=True)

    for turn in range(6):
        clock.forward(minutes=1)
        for number, answer in enumerate(at_once(16, act)):
            for place, result in enumerate(answer["results"] if 5 <= number < 8 else [answer.json or {}]):
                # At that moment there may be nothing to remove or to undo. A repeated merge changes nothing.
                assert result.get("code") in {None, "relationship_not_found", "nothing_to_split"}
                changes = "code" not in result and result.get("changed", True)
                accepted[f"{turn}:{number}:{place}"] += changes and not 8 <= number < 10
                associated[("anna", "ben")[number % 2]] += "count" in result

    entries = graph.rows(
        "MATCH (e:AuditEntry) RETURN e.change_id AS id, e.act AS act, e.reason AS reason, e.subject AS of"
    )
    assert len({(entry["id"], entry["of"]) for entry in entries}) == len(entries)
    reasons = {entry["id"]: entry["reason"] for entry in entries if entry["reason"] is not None}
    assert Counter(reasons.values()) == +accepted
    assert len({entry["id"] for entry in entries if entry["act"] == "identify"}) == 12
    # Each association is in the lists, or was in a relationship when that was removed.
    for user, count in {**associated, "carl": 12}.items():
        left = [relationship["count"] for relationship in api.pages("users", user, "visitors")]
        removed = [entry["before"] for entry in api.pages("audit", about=f"user:{user}") if entry["act"] == "release"]
        assert sum(left) + sum(before.get("count", 0) for before in removed) == count
    assert api.change("consistency", "check")["findings"] == []


def test_simultaneous_merges_that_close_cannot_links_of_the_same_users_all_succeed(api: Api, graph: Graph) -> None:
    users = [f"user-{number}" for number in range(4)]
    pairs: list[tuple[str, str]] = []
    for number in range(6):
        one, other = (api.init(f"f-{number}-{side}")["visitorId"] for side in "ab")
        pairs.append((one, other))
        # A merge finds the cannot-links in the order in which they were opened.
        for user in users if number % 2 else reversed(users):
            for visitor_id in (one, other):
                api.put("users", user, "visitors", visitor_id, confidence=90)
            api.remove("users", user, "visitors", one)
    answers = at_once(6, lambda number: api.change("visitors", pairs[number][0], "merge", into=pairs[number][1]))

    assert statuses(answers) == {200: 6}
    assert graph.edges("CANNOT_LINK") == set()
    assert graph.edges("MERGED_INTO") == set(pairs)
    assert api.change("consistency", "check")["findings"] == []


@pytest.mark.parametrize("_round", range(3))
def test_simultaneous_visits_and_splits_of_their_visitor_all_succeed(api: Api, graph: Graph, _round: int) -> None:
    """Three jars are split off a visitor while its fingerprints bring new jars in and the other jars come back."""
    jars = [api.init("f-1", userId=f"user-{number}") for number in range(6)]
    for number, jar in enumerate(jars):
        api.init(f"f-{number % 3}", visitorToken=jar["visitorToken"], userId=f"user-{number}")
        api.identify(jar, f"user-{number % 2}")
    [visitor_id] = {jar["visitorId"] for jar in jars}
    leaving = [api.get("sessions", jar["sessionId"])["jarId"] for jar in jars[:3]]

    def act(number: int) -> Answer:
        sent: dict[str, Any] = {"fingerprint": {"visitorId": f"f-{number % 3}"}, "userId": f"user-{number % 6}"}
        if number % 8 == 0:
            return api.change("visitors", visitor_id, "split", jar=leaving[number // 8])
        if number % 2:
            sent["visitorToken"] = jars[number % 6]["visitorToken"]
        return api.post("/eventTracking/init", sent)

    answers = at_once(24, act)

    assert statuses(answers) == {200: 24}
    for wrong in MISCOUNTED:
        assert graph.rows(wrong) == []


@pytest.mark.parametrize("_round", range(4))
def test_simultaneous_visits_and_erasures_of_whom_they_resemble_all_succeed(api: Api, _round: int) -> None:
    """Visits weigh candidates by their fingerprint and address, and these are erased meanwhile."""
    there = [api.init("f-1", userId=f"user-{number}") for number in range(8)]
    for number, visit in enumerate(there[:4]):
        api.identify(visit, f"user-{number}")

    def act(number: int) -> Answer:
        if number % 4 == 0:
            return api.remove("users", f"user-{number // 4}", expect=None)
        sent = {"fingerprint": {"visitorId": "f-1"}, "userId": f"user-{number % 8}"}
        return api.post("/eventTracking/init", sent, address=address_of("f-1"))

    answers = at_once(24, act)

    # Who is erased may have gone with another, or be named by a visit that came before. An erasure that others overtake
    # again and again is to be repeated.
    assert statuses(answers).keys() <= {200, 404, 410, 503}
    assert statuses(answers[1::4] + answers[2::4] + answers[3::4]).keys() <= {200, 410}
    assert api.change("consistency", "check")["findings"] == []


#: Queries for counts and times of `HAS_FINGERPRINT` and `SEEN_WITH` edges that differ from those of the visits.
MISCOUNTED: tuple[LiteralString, ...] = (
    """
    MATCH (v:Visitor)<-[:IN]-()<-[:ON]-()<-[:DURING]-(s)
    WHERE s.fingerprint IS NOT NULL AND NOT EXISTS { (s)<-[:SUCCEEDED_BY]-() }
    WITH v, s.fingerprint AS hash, count(*) AS visits, min(s.started_at) AS first, max(s.started_at) AS last
    OPTIONAL MATCH (v)-[r:HAS_FINGERPRINT]->({hash: hash})
    WITH v, hash, visits, first, last, r
    WHERE
      (r IS NULL AND NOT EXISTS { (v)-[:CANNOT_LINK]->({hash: hash}) }) OR
      r.count <> visits OR r.first_seen <> first OR r.last_seen <> last
    RETURN v.visitor_id AS visitor, hash, visits, r.count AS counted
    """,
    """
    MATCH (v:Visitor)<-[:IN]-()<-[:ON]-()<-[:DURING]-(s)
    WHERE NOT EXISTS { (s)<-[:SUCCEEDED_BY]-() }
    WITH v, s.address AS address, count(*) AS visits, min(s.started_at) AS first, max(s.started_at) AS last
    OPTIONAL MATCH (v)-[r:SEEN_WITH]->({address: address})
    WITH v, address, visits, first, last, sum(r.count) AS counted, min(r.first_seen) AS since, max(r.last_seen) AS until
    WHERE visits <> counted OR first <> since OR last <> until
    RETURN v.visitor_id AS visitor, address, visits, counted
    """,
    """
    MATCH (v:Visitor)-[r:HAS_FINGERPRINT|SEEN_WITH]->(what)
    WHERE NOT EXISTS {
      MATCH (v)<-[:IN]-()<-[:ON]-()<-[:DURING]-(s)
      WHERE s.fingerprint = what.hash OR s.address = what.address
    }
    RETURN v.visitor_id AS visitor, type(r) AS seen_by_no_visit
    """,
)
