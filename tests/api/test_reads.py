"""Servers read visitors, users, sessions, identities, relationships and journeys."""

import pytest

from tests.statements import statements
from tests.world import Api, Clock


def test_a_visitor_lists_what_it_consists_of(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.track(visit)
    clock.forward(minutes=1)
    login = api.identify(visit, "anna")
    found = api.get("visitors", visit["visitorId"])

    assert (found["userId"], found["identityId"], found["confidence"]) == ("anna", login["identityId"], 1.0)
    assert (found["sessions"], found["events"], found["fingerprints"]) == (1, 2, ["f-1"])
    assert (len(found["jars"]), len(found["tenures"]), found["kind"]) == (1, 1, "browser")
    assert (found["firstSeen"], found["lastSeen"]) == ("2026-03-04T12:00:00.000Z", "2026-03-04T12:01:00.000Z")


def test_a_user_is_found_by_an_id_of_any_characters(api: Api) -> None:
    for user_id in ("a/b", "50%", "a b+c", "ü@example.org", "?x=1&y", "日本", "%2F", "a%2Fb"):
        api.identify(api.init(user_id), user_id)
        assert api.get("users", user_id)["userId"] == user_id
        assert api.journey("users", user_id) == ["identify"]


def test_two_spellings_of_one_letter_are_one_user(api: Api) -> None:
    login = api.identify(api.init("f-1"), "Ren\u00e9")
    two = api.identify(api.init("f-2"), " Rene\u0301 ")

    assert login["identityId"] == two["identityId"]
    assert api.get("users", "Rene\u0301")["userId"] == "Ren\u00e9"


def test_a_session_tells_how_it_was_recognised(api: Api) -> None:
    page = {"url": "https://shop.example/a", "referrer": "https://search.example/", "title": "A"}
    visit = api.init("f-1", page=page, address="203.0.113.7")
    found = api.get("sessions", visit["sessionId"])

    assert found["match"] == visit["match"]
    assert found["page"] == page
    assert found["context"]["ip"] == "203.0.113.7"
    assert found["fingerprint"] == "f-1"
    assert found["successorId"] is None


def test_an_identity_id_of_anything_resolves_to_whom_it_belongs(api: Api) -> None:
    visit = api.init("f-1")
    anonymous = visit["identityId"]
    login = api.identify(visit, "anna")
    found = api.get("identities", anonymous)

    assert found["identityId"] == login["identityId"]
    assert found["userId"] == "anna"
    assert found["visitors"] == [visit["visitorId"]]
    assert api.journey("identities", anonymous) == ["identify"]


def test_a_probable_identity_is_read_only_above_the_bound(api: Api) -> None:
    other = api.init("rare")
    api.init("common")
    api.init("common", visitorToken=other["visitorToken"])
    third = api.init("common")
    confidence = third["match"]["confidence"]
    assert 0.5 < confidence < 0.8

    assert api.get("visitors", third["visitorId"])["identityId"] == third["identityId"]
    own = api.get("visitors", third["visitorId"], minConfidence=confidence + 0.01)
    assert own["identityId"] in own["tenures"]


def test_a_journey_pages_through_several_tenures_in_time_order(api: Api, clock: Clock) -> None:
    expected = []
    tokens = [api.init(f"f-{device}") for device in range(3)]
    for step in range(40):
        clock.forward(seconds=7)
        api.track(tokens[step % 3], f"e{step}")
        expected.append(f"e{step}")
    for visit in tokens:
        api.identify(visit, "anna")
    for limit in (1, 7, 40, 1000):
        names = [name for name in api.journey("users", "anna", limit=limit) if name != "identify"]
        assert names == expected


def test_a_journey_stays_right_while_events_arrive(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    for step in range(4):
        clock.forward(seconds=1)
        api.track(visit, f"e{step}")
    page = api.get("visitors", visit["visitorId"], "journey", limit=2)
    api.track(visit, "before the page", timestamp="2026-03-04T12:00:01.000Z")
    clock.forward(seconds=1)
    api.track(visit, "at the end")
    rest = api.get("visitors", visit["visitorId"], "journey", limit=100, cursor=page["nextCursor"])

    assert [event["eventName"] for event in rest["items"]] == ["e2", "e3", "at the end"]


def test_a_page_of_a_journey_ends_early_when_it_has_many_bytes(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.calls.journeys.PAGE_BYTES_MAX", 100_000)
    visit = api.init("f-1")
    for step in range(10):
        clock.forward(seconds=1)
        api.track(visit, f"e{step}", properties={"text": "é" * 10_000} if step % 5 else {})
    page = api.get("visitors", visit["visitorId"], "journey", limit=1000)
    assert [event["eventName"] for event in page["items"]] == ["e0", "e1", "e2", "e3", "e4", "e5"]
    rest = api.get("visitors", visit["visitorId"], "journey", limit=1000, cursor=page["nextCursor"])
    assert [event["eventName"] for event in rest["items"]] == ["e6", "e7", "e8", "e9"]
    assert rest["nextCursor"] is None


def test_a_journey_is_cut_by_time(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    for step in range(5):
        clock.forward(minutes=1)
        api.track(visit, f"e{step}")

    between = {"from": "2026-03-04T12:02:00Z", "to": "2026-03-04T12:04:00Z"}
    assert api.journey("visitors", visit["visitorId"], **between) == ["e1", "e2"]


def test_an_event_carries_what_was_observed_with_it(api: Api) -> None:
    visit = api.init("f-1")
    api.track(visit, "buy", properties={"sum": 3.5}, page={"url": "https://shop.example/"}, address="198.51.100.3")
    [event] = api.pages("visitors", visit["visitorId"], "journey")

    assert event["properties"] == {"sum": 3.5}
    assert event["page"]["url"] == "https://shop.example/"
    assert event["context"] == {
        "ip": "198.51.100.3",
        "browser": "Chrome",
        "browserVersion": "131",
        "os": "Linux",
        "device": "desktop",
        "geo": None,
        "asn": None,
    }


def test_a_users_visitors_come_strongest_first_page_by_page(api: Api, clock: Clock) -> None:
    expected: list[str] = []
    for number in range(7):
        clock.forward(days=20)
        visit = api.init(f"f-{number}")
        api.identify(visit, "anna")
        expected.insert(0, visit["visitorId"])
    items = api.pages("users", "anna", "visitors", limit=2)

    assert [item["visitorId"] for item in items] == expected
    confidences = [item["confidence"] for item in items]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] == 95
    assert confidences[-1] == round(95 * 0.5 ** (120 / 180))


def test_a_bound_compares_the_figure_as_it_is_shown(api: Api, clock: Clock) -> None:
    api.identify(api.init("f-1"), "anna")
    for _ in range(30):
        clock.forward(days=9)
        [shown] = api.get("users", "anna", "visitors")["items"]
        at, above = shown["confidence"], shown["confidence"] + 1
        assert len(api.get("users", "anna", "visitors", minConfidence=at)["items"]) == 1
        assert len(api.get("users", "anna", "visitors", minConfidence=above)["items"]) == 0


def test_a_visitors_users_and_the_pair_agree(api: Api) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    api.identify(visit, "ben")
    users = api.get("visitors", visit["visitorId"], "users")["items"]

    assert {user["userId"] for user in users} == {"anna", "ben"}
    pair = api.get("users", "anna", "visitors", visit["visitorId"])
    [listed] = api.get("users", "anna", "visitors")["items"]
    assert {name: pair[name] for name in listed} == listed
    answer = api.get("users", "zoe", "visitors", visit["visitorId"], expect=404)
    assert answer["code"] == "relationship_not_found"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (("users", "anna", "visitors"), {"minConfidence": 101}),
        (("users", "anna", "visitors"), {"minConfidence": "high"}),
        (("users", "anna", "visitors"), {"limit": 0}),
        (("users", "anna", "visitors"), {"cursor": "junk"}),
        (("users", "anna", "visitors"), {"cursor": "WzEsMl0="}),
        (("users", "anna", "journey"), {"minConfidence": 2}),
        (("users", "anna", "journey"), {"cursor": "WyJ4IiwgInkiXQ=="}),
        (("users", "anna", "journey"), {"from": "yesterday"}),
        (("users", "anna", "journey"), {"limit": 1001}),
    ],
)
def test_a_query_that_is_off_is_400(api: Api, path: tuple[str, ...], query: dict[str, object]) -> None:
    api.identify(api.init("f-1"), "anna")
    answer = api.get(*path, expect=400, **query)

    assert answer["code"] == "malformed_query"
    assert set(answer["errors"]) == set(query)


def test_a_read_is_one_statement_and_a_journey_is_two_and_one_more_weighs_inferences(api: Api, clock: Clock) -> None:
    """Also of a visitor that has no users. What an identity consists of is one more."""
    one, other = (api.init(name, address="203.0.113.50") for name in ("f-1", "f-2"))
    api.track(other)
    alone = api.init("f-3")
    clock.forward(minutes=1)
    api.identify(one, "anna")
    tenure = api.get("sessions", other["sessionId"])["tenureId"]
    for path in (
        ("visitors", one["visitorId"]),
        ("visitors", other["visitorId"]),
        ("sessions", one["sessionId"]),
        ("sessions", other["sessionId"]),
        ("identities", tenure),
        ("users", "anna"),
        ("users", "anna", "visitors"),
        ("users", "anna", "visitors", one["visitorId"]),
        ("visitors", one["visitorId"], "users"),
        ("visitors", alone["visitorId"], "users"),
    ):
        with statements() as ran:
            api.get(*path)
        weighed = ["identities/weigh"] if {other["visitorId"], other["sessionId"], tenure}.intersection(path) else []
        listed = ["identities/members"] if "identities" in path else []
        assert ran[1:] == weighed + listed, path
    assert api.get("identities", tenure)["identityId"] == api.get("users", "anna")["identityId"]
    for path in (("users", "anna", "journey"), ("visitors", other["visitorId"], "journey")):
        with statements() as ran:
            api.get(*path)
        assert len([name for name in ran if name != "identities/weigh"]) == 2, (path, ran)
        assert len(ran) <= 3
