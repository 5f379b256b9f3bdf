"""Lists of relationships have ranges, filters and pages, and stay right while rows change."""

from typing import Any

import pytest

from tests.world import Answer, Api, Clock, Graph, Json

#: More jars of the visitor, each with a tenure of its own that the user claims, and with a fingerprint.
MORE_JARS = """
    MATCH (user:User)<-[:RESOLVES_TO]-(first:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
    UNWIND range(1, $count) AS number
    CREATE
      (visitor)<-[:IN {method: 'fingerprint', confidence: 1.0}]-(jar:Jar {tenant: user.tenant, jar_id: 'jar-' + number}),
      (visitor)-[:HAS_FINGERPRINT {count: 1}]->(:Fingerprint {tenant: user.tenant, hash: 'more-' + number}),
      (jar)<-[:ON]-(tenure:Tenure:Identity {
        tenant: user.tenant,
        identity_id: 'tenure-' + number,
        first_seen: first.first_seen + duration({days: number}),
        last_seen: first.last_seen + duration({days: number}),
        sessions: 1,
        events: 2
      }),
      (tenure)-[:RESOLVES_TO {method: 'claim', at: first.first_seen}]->(user)
"""


@pytest.fixture
def visits(api: Api, clock: Clock) -> list[Answer]:
    """Make four visitors of anna's, a day apart: stated, claimed, verified and collected."""
    found = [api.init(f"f-{number}") for number in range(4)]
    api.put("users", "anna", "visitors", found[0]["visitorId"], confidence=40)
    for number, login in enumerate(("claimed", "verified", "collected"), 1):
        clock.forward(days=1)
        again = api.init(f"f-{number}", visitorToken=found[number]["visitorToken"])
        if login == "collected":
            api.init(f"f-{number}", visitorToken=found[number]["visitorToken"], userId="anna")
        else:
            api.identify(again, "anna", secret=login == "verified")
    return found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {0, 1, 2, 3}),
        ({"minConfidence": 90}, {1, 2}),
        ({"maxConfidence": 70}, {0, 3}),
        ({"maxConfidence": 69}, {0}),
        ({"minConfidence": 50, "maxConfidence": 98}, {1, 3}),
        ({"minConfidence": 80, "maxConfidence": 70}, set()),
        ({"maxConfidence": 0}, set()),
        ({"firstSeenFrom": "2026-03-06T00:00:00Z"}, {2, 3}),
        ({"firstSeenTo": "2026-03-05T12:00:00Z"}, {0}),
        ({"lastSeenFrom": "2026-03-05T12:00:00Z", "lastSeenTo": "2026-03-07T00:00:00Z"}, {1, 2}),
        ({"source": "stated"}, {0}),
        ({"source": "collected"}, {3}),
        ({"verified": "true"}, {2}),
        ({"verified": "false"}, {0, 1, 3}),
        ({"verified": "false", "source": "claimed", "minConfidence": 90}, {1}),
    ],
)
def test_a_list_has_what_is_asked_for(api: Api, visits: list[Answer], asked: dict[str, Any], found: set[int]) -> None:
    wanted = {visits[number]["visitorId"] for number in found}
    assert {item["visitorId"] for item in api.pages("users", "anna", "visitors", **asked)} == wanted
    assert {item["visitorId"] for item in api.pages("users", "anna", "visitors", limit=1, **asked)} == wanted
    for number, visit in enumerate(visits):
        users = [item["userId"] for item in api.pages("visitors", visit["visitorId"], "users", **asked)]
        assert users == (["anna"] if number in found else [])


@pytest.mark.parametrize(
    "asked",
    [
        {"maxConfidence": 101},
        {"maxConfidence": -1},
        {"source": "guessed"},
        {"verified": "perhaps"},
        {"firstSeenFrom": "yesterday"},
        {"lastSeenTo": ""},
    ],
)
def test_what_is_no_range_is_400_and_says_which(api: Api, visits: list[Answer], asked: dict[str, Any]) -> None:
    answer = api.get("users", "anna", "visitors", expect=400, **asked)
    assert answer["code"] == "malformed_query"
    assert asked.keys() <= answer["errors"].keys()


def test_a_verified_login_of_a_merged_visitor_counts_for_the_survivor(api: Api, visits: list[Answer]) -> None:
    api.change("visitors", visits[2]["visitorId"], "merge", into=visits[0]["visitorId"])
    [item] = api.pages("users", "anna", "visitors", verified="true")
    assert (item["visitorId"], item["source"], item["verified"]) == (visits[0]["visitorId"], "stated", True)
    api.change("visitors", visits[2]["visitorId"], "split")
    [item] = api.pages("users", "anna", "visitors", verified="true")
    assert (item["visitorId"], item["source"]) == (visits[2]["visitorId"], "verified")


def test_pages_stay_right_while_rows_change(api: Api, clock: Clock) -> None:
    """An unchanged row comes exactly once, even if other rows rise, come or go away between pages."""
    visits = [api.init(f"f-{number}") for number in range(12)]
    for number, visit in enumerate(visits):
        api.put("users", "anna", "visitors", visit["visitorId"], confidence=50 + number)
    seen: list[str] = []
    page = api.get("users", "anna", "visitors", limit=3)
    moved, gone = visits[2]["visitorId"], visits[3]["visitorId"]
    while True:
        seen += [item["visitorId"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        clock.forward(seconds=1)
        if len(seen) == 3:
            api.put("users", "anna", "visitors", moved, confidence=99)
            api.remove("users", "anna", "visitors", gone)
            api.put("users", "anna", "visitors", api.init("new")["visitorId"], confidence=98)
        page = api.get("users", "anna", "visitors", limit=3, cursor=page["nextCursor"])
    stayed = [visit["visitorId"] for visit in visits if visit["visitorId"] not in {moved, gone}]
    assert sorted(seen) == sorted(stayed)


def test_a_cursor_goes_on_in_its_own_list_only(api: Api) -> None:
    """A cursor would be a valid place in any list. In another list, a page would silently begin in the middle."""
    first, second = api.init("f-1", userId="null"), api.init("f-2", userId="undefined")
    for visit in (first, second):
        api.track(visit)
        for user in ("anna", "ben"):
            api.put("users", user, "visitors", visit["visitorId"], confidence=50)
    api.identify(first, "anna")
    identity = api.get("users", "anna")["identityId"]
    lists: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        (("users", "anna", "visitors"), {}),
        (("users", "ben", "visitors"), {}),
        (("visitors", first["visitorId"], "users"), {}),
        (("visitors", second["visitorId"], "users"), {}),
        (("visitors", first["visitorId"], "journey"), {}),
        (("users", "anna", "journey"), {}),
        (("identities", identity, "journey"), {}),
        (("audit",), {"about": "user:anna"}),
        (("audit",), {"about": "user:ben"}),
        (("warnings",), {}),
    ]
    for number, (path, asked) in enumerate(lists):
        cursor = api.get(*path, limit=1, **asked)["nextCursor"]
        assert api.get(*path, limit=2, cursor=cursor, **asked)["items"], "its own goes on, by a page of another size"
        for next_path, next_asked in (lists[number - 1], lists[number - 2]):
            refused = api.get(*next_path, cursor=cursor, expect=400, **next_asked)
            assert refused["code"] == "malformed_query"
            assert "nextCursor" in str(refused["errors"]["cursor"])


def pages(api: Api, *path: str, **asked: Any) -> list[Json]:
    """Return the answers of a thing, page by page."""
    found = [api.get(*path, **asked).json]
    while (cursor := found[-1]["nextCursor"]) is not None:
        found.append(api.get(*path, **asked, cursor=cursor).json)
    return found


@pytest.fixture
def fat(api: Api, graph: Graph) -> Answer:
    """Make a visitor with 250 jars, each with a fingerprint and a tenure that anna claimed, and one visitor merged into it."""
    visit, merged = api.init("f-1"), api.init("f-2")
    api.identify(visit, "anna")
    graph.rows(MORE_JARS, count=249)
    api.change("visitors", merged["visitorId"], "merge", into=visit["visitorId"])
    return visit


def test_a_visitor_shows_its_parts_by_the_page(api: Api, fat: Answer, graph: Graph) -> None:
    lists = ("jars", "tenures", "fingerprints", "mergedIds")
    whole = api.get("visitors", fat["visitorId"])
    assert whole["nextCursor"] is None
    assert whole["counts"] == {name: len(set(whole[name])) for name in lists}
    assert whole["counts"] == {"jars": 251, "tenures": 251, "fingerprints": 251, "mergedIds": 1}
    found = pages(api, "visitors", fat["visitorId"], limit=100)
    assert [[len(page[name]) for name in lists] for page in found] == [
        [100, 100, 100, 1],
        [100] * 3 + [0],
        [51] * 3 + [0],
    ]
    assert {name: [part for page in found for part in page[name]] for name in lists} == {
        name: whole[name] for name in lists
    }
    assert all(whole[name] == sorted(whole[name], reverse=True) for name in lists)
    rest = {name: value for name, value in whole.json.items() if name not in {*lists, "nextCursor"}}
    assert all(rest == {name: page[name] for name in rest} for page in found)


def test_an_identity_shows_its_tenures_by_the_page(api: Api, fat: Answer, graph: Graph) -> None:
    identity = api.get("users", "anna")["identityId"]
    whole = api.get("identities", identity)
    assert (len(set(whole["tenures"])), whole["visitors"]) == (251, [fat["visitorId"]])
    assert (whole["counts"], whole["nextCursor"]) == ({"tenures": 251}, None)
    assert (whole["firstSeen"], whole["lastSeen"]) == ("2026-03-04T12:00:00.000Z", "2026-11-08T12:00:00.000Z")
    found = pages(api, "identities", identity, limit=100)
    assert [len(page["tenures"]) for page in found] == [100, 100, 51]
    assert (
        [one for page in found for one in page["tenures"]] == whole["tenures"] == sorted(whole["tenures"], reverse=True)
    )
    for page in found:
        assert {**whole.json, "tenures": page["tenures"], "nextCursor": page["nextCursor"]} == page


def test_what_a_hidden_relationship_hides_counts_nowhere(api: Api, fat: Answer) -> None:
    phone = api.init("phone")
    api.identify(phone, "anna")
    identity = api.get("users", "anna")["identityId"]
    assert api.get("identities", identity)["counts"] == {"tenures": 252}
    api.put("users", "anna", "visitors", fat["visitorId"], "visibility", visible=False)
    shown = api.get("identities", identity)
    assert (shown["visitors"], shown["counts"]) == ([phone["visitorId"]], {"tenures": 1})
    assert shown["lastSeen"] == "2026-03-04T12:00:00.000Z"


def test_a_place_among_parts_is_of_one_thing(api: Api, fat: Answer) -> None:
    identity = api.get("users", "anna")["identityId"]
    things = (("visitors", fat["visitorId"]), ("identities", identity), ("identities", fat["identityId"]))
    cursors = [api.get(*thing, limit=1)["nextCursor"] for thing in things]
    for number, thing in enumerate(things):
        for wrong in (cursors[number - 1], "x", 7):
            refused = api.get(*thing, cursor=wrong, expect=400)
            assert (refused["code"], [*refused["errors"]]) == ("malformed_query", ["cursor"])
    for wrong_limit in (0, 1001):
        assert "limit" in api.get(*things[0], limit=wrong_limit, expect=400)["errors"]
