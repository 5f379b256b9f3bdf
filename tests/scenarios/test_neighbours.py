"""Neighbours are probably the same person and never owners; in a crowd there are no neighbours."""

from datetime import timedelta
from typing import Any

import pytest

from graph.acts import tenants
from graph.acts.tenants import TenantKeys
from graph.database import Database
from tests.world import CHROME, IPHONE, Answer, Api, Clock, Graph

HOME = "203.0.113.50"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def at_home(api: Api, fingerprint: str, **sent: Any) -> Answer:
    return api.init(fingerprint, address=HOME, **sent)


def test_a_changed_fingerprint_at_the_same_address_and_browser_is_probably_the_same_person(
    api: Api, clock: Clock, graph: Graph
) -> None:
    first = at_home(api, "before")
    api.track(first, "look")
    clock.forward(hours=20)

    again = at_home(api, "after")
    api.track(again, "buy")

    assert again["isNewVisitor"]
    assert again["visitorId"] != first["visitorId"]
    assert (again["match"]["method"], again["match"]["confidence"]) == ("ip_browser", 0.6)
    assert again["match"]["evidence"] == [
        {
            "kind": "ip_browser",
            "strength": 0.6,
            "sharedBy": 1,
            "lastSeen": first["startedAt"],
            "arithmetic": {"base": 0.6, "sharing": 1.0, "recency": 1.0, "standing": 1.0},
        }
    ]
    assert again["identityId"] == first["identityId"]
    assert again["userId"] is None
    assert graph.rows("MATCH (:Tenure)-[p:PROBABLY]->(:Tenure) RETURN p.method AS m, p.confidence AS c") == [
        {"m": "ip_browser", "c": 0.6}
    ]
    assert api.journey("identities", first["identityId"]) == ["look", "buy"]
    assert api.journey("identities", first["identityId"], minConfidence=0.61) == ["look"]


def machine(name: str, **components: Any) -> dict[str, Any]:
    """Return a fingerprint with the components that tell machines apart."""
    return {"visitorId": name, "components": {part: {"value": value} for part, value in components.items()}}


HERS = machine(
    "hers", platform="Linux x86_64", canvas="a", audio=1.1, hardwareConcurrency=8, deviceMemory=8, fonts=[*"abcdefgh"]
)
HIS = machine(
    "his", platform="Linux x86_64", canvas="b", audio=1.2, hardwareConcurrency=4, deviceMemory=4, fonts=[*"stuvwxyz"]
)


def test_another_machine_at_the_same_address_is_no_likelier_than_the_address_and_a_login_is_carried_on_less(
    api: Api, graph: Graph
) -> None:
    hers = api.init(HERS, address=HOME)
    his = api.init(HIS, address=HOME)

    # The browser is worth 0.15 now, so the address alone is surer.
    assert (his["match"]["method"], his["match"]["confidence"]) == ("ip", 0.4)
    assert api.get("sessions", his["sessionId"])["identityId"] != hers["identityId"]
    user = api.identify(his, "ben")["identityId"]
    assert api.get("sessions", hers["sessionId"])["identityId"] != user
    found = api.get("sessions", hers["sessionId"], minConfidence=0.15)
    assert (found["identityId"], found["confidence"]) == (user, 0.15)
    assert graph.rows("MATCH ()-[p:PROBABLY]->(:User) RETURN p.confidence AS c") == [{"c": 0.15}]


@pytest.mark.parametrize("agent", [FIREFOX, IPHONE], ids=["another browser", "another device"])
def test_init_answers_a_match_by_the_address_alone_and_reads_leave_it_out(api: Api, agent: str) -> None:
    first = at_home(api, "laptop")
    other = at_home(api, "other", agent=agent)

    assert (other["match"]["method"], other["match"]["confidence"]) == ("ip", 0.4)
    assert other["identityId"] == first["identityId"]
    assert api.get("visitors", other["visitorId"])["identityId"] != first["identityId"]
    assert api.get("visitors", other["visitorId"], minConfidence=0.4)["identityId"] == first["identityId"]


def test_a_visitors_own_events_are_surely_its_own_whoever_it_probably_is(api: Api, graph: Graph) -> None:
    at_home(api, "laptop")
    other = at_home(api, "other", agent=IPHONE)
    api.track(other, "look")

    assert (other["match"]["method"], other["match"]["confidence"]) == ("ip", 0.4)
    assert api.journey("visitors", other["visitorId"], minConfidence=1.0) == ["look"]
    assert graph.rows("MATCH ()-[i:IN]->() RETURN DISTINCT i.method AS method, i.confidence AS confidence") == [
        {"method": "new", "confidence": 1.0}
    ]


@pytest.mark.parametrize(
    ("first", "second", "method"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", "ip_browser"),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", "new"),
        ("192.168.0.9", "192.168.0.9", "new"),
        ("100.64.3.4", "100.64.3.4", "new"),
        ("fd00::1", "fd00::1", "new"),
        ("::ffff:203.0.113.50", "203.0.113.50", "ip_browser"),
    ],
)
def test_two_visits_at_one_public_address_or_ipv6_network_are_neighbours(
    api: Api, first: str, second: str, method: str
) -> None:
    api.init("one", address=first)
    assert api.init("another", address=second)["match"]["method"] == method


def test_a_neighbours_evidence_falls_with_age_and_sharing_and_ends_after_the_policys_weeks(
    api: Api, clock: Clock
) -> None:
    at_home(api, "first")
    clock.forward(days=10)
    aged = at_home(api, "second")["match"]
    assert (aged["method"], aged["confidence"]) == ("ip_browser", 0.4762)
    clock.forward(hours=1)
    shared = at_home(api, "third")["match"]
    assert (shared["confidence"], shared["evidence"][0]["sharedBy"]) == (0.4777, 2)
    clock.forward(days=28)
    assert at_home(api, "fourth")["match"]["method"] == "new"


def test_the_confidence_of_an_inference_falls_with_its_age(api: Api, clock: Clock) -> None:
    first = at_home(api, "before")
    again = at_home(api, "after")
    asked = ("visitors", again["visitorId"])
    assert (api.get(*asked)["identityId"], api.get(*asked)["confidence"]) == (first["identityId"], 0.6)
    clock.forward(days=5)
    assert (api.get(*asked)["identityId"], api.get(*asked)["confidence"]) == (first["identityId"], 0.5345)
    clock.forward(days=5)
    assert api.get(*asked)["identityId"] != first["identityId"]
    assert api.get(*asked, minConfidence=0.4)["confidence"] == 0.4762


def test_an_office_of_forty_behind_one_address_is_forty_people(api: Api, clock: Clock, graph: Graph) -> None:
    employees = []
    for number in range(40):
        clock.forward(minutes=7)
        visit = at_home(api, f"desk {number}")
        stranger = at_home(api, f"visitor of desk {number}") if number % 8 == 7 else None
        api.track(visit, "work")
        login = api.identify(visit, f"employee {number}")
        employees.append(login["identityId"])
        assert api.journey("users", f"employee {number}") == ["work", "identify"]
        if stranger is not None:
            assert stranger["userId"] is None
            assert api.get("visitors", stranger["visitorId"])["userId"] is None
            assert api.get("visitors", stranger["visitorId"])["identityId"] not in employees

    assert len(set(employees)) == 40
    late = at_home(api, "the cleaner")
    assert late["match"] == {"method": "new", "confidence": 1.0, "evidence": []}
    for number, identity in enumerate(employees):
        assert api.get("users", f"employee {number}")["identityId"] == identity
        assert len(api.get("users", f"employee {number}", "visitors")["items"]) == 1
    owned = graph.rows(
        "MATCH (t:Tenure)-[r:RESOLVES_TO]->(u) RETURN count(DISTINCT t) AS tenures, count(DISTINCT u) AS users"
    )
    assert owned == [{"tenures": 40, "users": 40}]


def test_a_kiosk_with_twenty_five_guests_is_twenty_five_people(api: Api, clock: Clock) -> None:
    guests = {}
    for number in range(25):
        clock.forward(minutes=9)
        visit = at_home(api, "the terminal")
        api.track(visit, f"errand {number}")
        login = api.identify(visit, f"guest {number}")
        assert login["propagated"] == 0 or number < 3
        guests[f"guest {number}"] = login["identityId"]
    assert len(set(guests.values())) == 25
    for number, (guest, identity) in enumerate(guests.items()):
        assert api.journey("users", guest) == [f"errand {number}", "identify"]
        assert api.get("users", guest)["identityId"] == identity
    neighbour = at_home(api, "somebody's laptop")
    assert neighbour["match"]["method"] == "new"


def test_a_login_is_carried_on_to_a_neighbour_but_makes_no_owner(api: Api, clock: Clock, graph: Graph) -> None:
    before = at_home(api, "tablet")
    api.track(before, "browse")
    clock.forward(minutes=1)
    laptop = at_home(api, "laptop")

    login = api.identify(laptop, "anna")

    assert login["propagated"] == 1
    found = api.get("visitors", before["visitorId"])
    assert (found["identityId"], found["userId"], found["confidence"]) == (login["identityId"], None, 0.6)
    assert api.journey("users", "anna") == ["browse", "identify"]
    assert api.journey("users", "anna", minConfidence=0.7) == ["identify"]
    assert api.get("users", "anna", "visitors")["items"][0]["visitorId"] == laptop["visitorId"]
    [edge] = graph.rows("MATCH ()-[p:PROBABLY]->(:User) RETURN p.claims AS claims, p.confidence AS confidence")
    assert edge["confidence"] == 0.6
    assert api.track(before, "more")["userId"] is None
    assert api.identify(laptop, "anna")["propagated"] == 0


def test_an_inference_that_leads_to_the_user_already_counts_and_is_not_made_twice(api: Api, graph: Graph) -> None:
    laptop = at_home(api, "laptop")
    tablet = at_home(api, "tablet")
    login = api.identify(laptop, "anna")
    assert login["propagated"] == 1
    assert api.get("visitors", tablet["visitorId"])["identityId"] == login["identityId"]
    assert graph.rows("MATCH ()-[p:PROBABLY]->(x) RETURN x:Tenure AS follows, p.claims AS claims") == [
        {"follows": True, "claims": None}
    ]


def test_a_login_as_somebody_else_closes_the_inferences_it_contradicts(api: Api, clock: Clock, graph: Graph) -> None:
    tablet = at_home(api, "tablet")
    api.track(tablet, "browse")
    laptop = at_home(api, "laptop")
    api.identify(laptop, "anna")
    clock.forward(minutes=1)

    ben = api.identify(tablet, "ben")

    assert api.get("visitors", tablet["visitorId"])["identityId"] == ben["identityId"]
    assert api.journey("users", "anna") == ["identify"]
    assert api.journey("users", "ben") == ["browse", "identify"]
    assert graph.rows("MATCH ()-[p:PROBABLY]->() RETURN p") == []
    assert (
        len(graph.rows("MATCH ()-[p:WAS_PROBABLY]->() WHERE p.until IS NOT NULL AND p.closed_by IS NOT NULL RETURN p"))
        == 2
    )


def test_a_login_is_carried_on_over_two_hops_and_is_weaker_after_the_second(api: Api, graph: Graph) -> None:
    start = at_home(api, "laptop")
    middle = at_home(api, "tablet")
    api.init("tablet", address="198.51.100.20", visitorToken=middle["visitorToken"])
    far = api.init("at work", address="198.51.100.20")
    api.init("at work", address="198.51.100.30", visitorToken=far["visitorToken"])
    farther = api.init("in the train", address="198.51.100.30")

    login = api.identify(start, "anna")

    assert login["propagated"] == 2
    edges = graph.rows(
        "MATCH (v:Visitor)<-[:IN]-()<-[:ON]-(t)-[p:PROBABLY]->(:User) RETURN v.visitor_id AS visitor, p.confidence AS confidence"
    )
    assert edges == [{"visitor": far["visitorId"], "confidence": 0.18}]
    assert api.get("visitors", farther["visitorId"], minConfidence=0.1)["identityId"] != login["identityId"]


def test_nothing_is_carried_on_through_somebody_elses_browser(api: Api) -> None:
    start = at_home(api, "laptop")
    middle = at_home(api, "tablet")
    api.init("tablet", address="198.51.100.20", visitorToken=middle["visitorToken"])
    far = api.init("at work", address="198.51.100.20")
    api.identify(middle, "ben")

    login = api.identify(start, "anna")

    assert login["propagated"] == 0
    assert api.get("visitors", far["visitorId"], minConfidence=0.1)["identityId"] != login["identityId"]


def test_a_login_is_carried_on_to_at_most_the_policys_number_with_a_warning(
    api: Api, tenant: TenantKeys, database: Database
) -> None:
    tenants.configure(database, tenant.tenant_id, {}, {"propagation_max": 3})
    for number in range(5):
        at_home(api, f"guest {number}", agent=CHROME if number % 2 else FIREFOX)
    for number in range(5):
        api.init(f"colleague {number}", address="198.51.100.99", agent=IPHONE)
    laptop = at_home(api, "laptop", agent=IPHONE)
    api.init("laptop", address="198.51.100.99", agent=IPHONE, visitorToken=laptop["visitorToken"])
    login = api.identify(laptop, "anna")
    assert (login["propagated"], login["warnings"]) == (3, ["propagation_limited"])
    assert [(warning["code"], warning["count"]) for warning in api.get("warnings")["items"]] == [
        ("propagation_limited", 1)
    ]


def test_logins_in_any_order_leave_the_same_inferences(api: Api, clock: Clock, graph: Graph) -> None:
    def story(name: str, *, late: bool) -> list[Any]:
        address = f"203.0.113.{len(name) + 100}"
        first = api.init(f"{name} tablet", address=address)
        second = api.init(f"{name} laptop", address=address)
        at = clock.time
        if not late:
            api.identify(second, f"{name} anna")
        clock.forward(seconds=10)
        third = api.init(f"{name} phone", address=address)
        clock.forward(seconds=10)
        api.identify(first, f"{name} ben")
        if late:
            api.identify(second, f"{name} anna", timestamp=at.isoformat())
        names = {visit["visitorId"]: n for n, visit in enumerate((first, second, third))}
        return sorted(
            (names[row["holder"]], str(row["to"]).removeprefix(name), row["confidence"])
            for row in graph.rows(
                "MATCH (v:Visitor)<-[:IN]-()<-[:ON]-(:Tenure)-[p:PROBABLY]->(x) WHERE v.visitor_id IN $visitors "
                "OPTIONAL MATCH (x)-[:RESOLVES_TO]->(u:User) "
                "RETURN v.visitor_id AS holder, coalesce(u.user_id, x.user_id) AS to, p.confidence AS confidence",
                visitors=list(names),
            )
        )

    in_time = story("in time", late=False)
    clock.forward(days=1)
    assert story("late", late=True) == in_time
    assert in_time


def test_a_crawler_is_nobodys_neighbour(api: Api) -> None:
    crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    at_home(api, "bot", agent=crawler)
    assert at_home(api, "laptop")["match"]["method"] == "new"
    assert at_home(api, "another bot", agent=crawler)["match"]["method"] == "new"


def test_after_a_log_out_or_without_consent_nobody_is_recognised_by_the_address(api: Api) -> None:
    at_home(api, "laptop")
    assert at_home(api, "another", reset=True)["match"]["method"] == "new"
    assert at_home(api, "a third", consent=False)["match"]["method"] == "new"


def test_a_late_delivery_finds_the_neighbours_of_its_own_time(api: Api, clock: Clock) -> None:
    first = at_home(api, "laptop")
    clock.forward(minutes=1)
    earlier = at_home(api, "tablet", timestamp=(clock.time - timedelta(days=2)).isoformat())
    assert earlier["match"]["evidence"][0]["lastSeen"] == first["startedAt"]
    assert earlier["match"]["confidence"] == 0.6


def test_a_later_login_renews_an_inference_and_an_earlier_one_that_arrives_late_does_not(
    api: Api, clock: Clock, graph: Graph
) -> None:
    tablet = api.init("tablet", address=HOME)
    laptop = api.init("laptop", address=HOME)
    api.identify(laptop, "anna", address=HOME)
    first = graph.rows("MATCH (:Tenure)-[p:PROBABLY]->(:User) RETURN p.since AS since, p.confidence AS confidence")
    clock.forward(days=6)
    for fingerprint, jar in (("tablet", tablet), ("laptop", laptop)):
        visit = api.init(fingerprint, address=HOME, visitorToken=jar["visitorToken"])
    api.identify(visit, "anna", address=HOME)

    [renewed] = graph.rows("MATCH (:Tenure)-[p:PROBABLY]->(:User) RETURN p.since AS since, p.claims AS claims")
    assert (renewed["since"].to_native() - first[0]["since"].to_native()).days == 6
    assert len(renewed["claims"]) == 1
    # An earlier login that arrives late changes nothing.
    api.identify(visit, "anna", address=HOME, timestamp=(clock() - timedelta(minutes=1)).isoformat())
    [late] = graph.rows("MATCH (:Tenure)-[p:PROBABLY]->(:User) RETURN p.since AS since, p.claims AS claims")
    assert late == renewed


def test_an_inference_carried_on_through_a_browser_closes_when_another_user_claims_that_browser(
    api: Api, graph: Graph
) -> None:
    laptop = api.init("laptop", address=HOME)
    middle = api.init("middle", address=HOME)
    api.init("middle", address="198.51.100.20", visitorToken=middle["visitorToken"])
    far = api.init("far", address="198.51.100.20")
    api.identify(laptop, "anna", address=HOME)
    leading = (
        "MATCH (:Visitor {visitor_id: $far})<-[:IN]-()<-[:ON]-()-[p:PROBABLY]->(:User {user_id: 'anna'}) "
        "MATCH (:Visitor {visitor_id: $middle})<-[:IN]-()<-[:ON]-(between) "
        "RETURN p.via = [between.identity_id] AS is_by_way_of_it"
    )
    between = {"far": far["visitorId"], "middle": middle["visitorId"]}
    assert graph.rows(leading, **between) == [{"is_by_way_of_it": True}]

    api.identify(middle, "ben", address=HOME)
    assert graph.rows(leading, **between) == []


def test_a_login_is_carried_on_between_visits_of_last_week_that_arrive_late(api: Api, clock: Clock) -> None:
    then = (clock() - timedelta(days=6)).isoformat()
    api.init("tablet", address=HOME, timestamp=then)
    laptop = api.init("laptop", address=HOME, timestamp=then)
    assert api.identify(laptop, "anna", address=HOME, timestamp=then)["propagated"] == 1


@pytest.mark.parametrize("agent", ["", "MyApp/1.0", "Dart/3.4 (dart:io)"])
def test_programs_with_unknown_user_agents_do_not_count_as_the_same_browser(api: Api, agent: str) -> None:
    api.identify(api.init("one", address=HOME, agent=agent), "anna", address=HOME, agent=agent)
    assert api.init("another", address=HOME, agent=agent)["match"]["method"] == "ip"


def test_an_inference_leads_to_the_nearest_claim_and_no_further_up(api: Api, graph: Graph) -> None:
    """The kid's tenure is tied to mum's. The phone is probably the kid's, and that does not make it probably mum's."""
    mum = api.init("family", address=HOME)
    api.identify(mum, "mum", address=HOME)
    kid = api.init("family", address=HOME)
    api.identify(kid, "kid", address=HOME)
    phone = api.init("phone", address=HOME)
    api.identify(api.init("family", address=HOME, visitorToken=mum["visitorToken"]), "mum", address=HOME)

    login = api.identify(phone, "kid", address=HOME)
    kept = graph.rows(
        "MATCH (:Visitor {visitor_id: $phone})<-[:IN]-()<-[:ON]-()-[p:PROBABLY]->(o) RETURN o.user_id AS user",
        phone=phone["visitorId"],
    )
    assert login["userId"] == "kid"
    assert all(row["user"] != "mum" for row in kept)
    gone = graph.rows(
        "MATCH (:Visitor {visitor_id: $phone})<-[:IN]-()<-[:ON]-()-[p:WAS_PROBABLY]->(:Tenure)-[:RESOLVES_TO]->"
        "(:User {user_id: 'kid'}) RETURN p",
        phone=phone["visitorId"],
    )
    assert gone == []
