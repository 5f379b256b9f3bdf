"""One changed setting gives a new fingerprint: it is compared with known ones by its components."""

from typing import Any

import pytest

from tests.world import CHROME, Api, Clock, Graph

FONTS = [f"Font {number}" for number in range(40)]
#: As FingerprintJS 5 gives them.
LAPTOP = {
    "audio": 124.04347527516074,
    "canvas": {"winding": True, "geometry": "data:geometry", "text": "data:text"},
    "colorDepth": 24,
    "deviceMemory": 8,
    "fonts": FONTS,
    "hardwareConcurrency": 8,
    "languages": [["en-GB"], ["en-GB", "en"]],
    "platform": "Linux x86_64",
    "plugins": [{"name": "PDF Viewer"}],
    "screenResolution": [1920, 1080],
    "timezone": "Europe/Stockholm",
    "vendor": "Google Inc.",
    "webGlBasics": {"rendererUnmasked": "ANGLE (Intel, Mesa UHD 620)", "vendorUnmasked": "Google Inc. (Intel)"},
}
OTHER_CARD = {"webGlBasics": {"rendererUnmasked": "ANGLE (AMD, Radeon 780M)", "vendorUnmasked": "Google Inc. (AMD)"}}
CHROME_130 = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
HOME, WORK = "203.0.113.7", "198.51.100.9"


def collected(name: str, **changed: Any) -> dict[str, Any]:
    """Return a fingerprint with the laptop's components, some of them changed."""
    components = {name: {"value": value, "duration": 1} for name, value in {**LAPTOP, **changed}.items()}
    return {"visitorId": name, "components": components}


def test_a_fingerprint_with_another_time_zone_is_the_same_visitors(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init(collected("at-home"), address=HOME)
    api.track(first, "read")
    clock.forward(days=3)
    away = api.init(collected("abroad", timezone="America/New_York"), address=WORK)

    assert away["visitorId"] == first["visitorId"]
    assert away["isNewVisitor"] is False
    assert away["match"]["method"] == "fuzzy_fingerprint"
    assert 0.6 <= away["match"]["confidence"] < 0.8
    [evidence] = away["match"]["evidence"]
    assert (evidence["kind"], evidence["sharedBy"]) == ("fuzzy_fingerprint", 0)
    assert evidence["lastSeen"] == first["startedAt"]
    assert evidence["arithmetic"]["agreement"] > 15
    assert evidence["arithmetic"]["change"] == -2.8
    assert graph.edges("HAS_FINGERPRINT") == {(first["visitorId"], "at-home"), (first["visitorId"], "abroad")}
    assert len(graph.edges("TIED_TO")) == 1
    # From now on each is known by itself.
    exact = api.init(collected("abroad", timezone="America/New_York"), address=WORK)
    assert (exact["visitorId"], exact["match"]["method"]) == (first["visitorId"], "fingerprint")


def test_a_login_takes_what_a_similar_fingerprint_tied(api: Api, clock: Clock) -> None:
    first = api.init(collected("at-home"), address=HOME)
    api.track(first, "read")
    clock.forward(days=3)
    away = api.init(collected("abroad", timezone="America/New_York"), address=WORK)
    api.identify(away, "anna")

    assert api.journey("users", "anna") == ["read", "identify"]


@pytest.mark.parametrize(
    ("changed", "agent"),
    [
        (OTHER_CARD, CHROME),
        ({"languages": [["fr-FR"]], "timezone": "Europe/Paris"}, CHROME),
        ({"platform": "Win32"}, CHROME),
        ({"fonts": [f"Other {number}" for number in range(40)], "timezone": "Asia/Tokyo"}, CHROME),
        ({"screenResolution": [1280, 720]}, FIREFOX),
        ({"screenResolution": [1280, 720]}, CHROME_130),
    ],
    ids=["another card", "another language", "another platform", "other fonts", "another browser", "an older version"],
)
def test_what_contradicts_is_somebody_else(api: Api, clock: Clock, changed: dict[str, Any], agent: str | None) -> None:
    first = api.init(collected("first"), address=HOME)
    clock.forward(days=1)
    other = api.init(collected("other", **changed), address=WORK, agent=agent)

    assert other["visitorId"] != first["visitorId"]
    assert other["match"]["method"] in {"new", "fuzzy_fingerprint"}
    assert other["match"]["confidence"] == 1.0 or other["match"]["confidence"] < 0.6
    assert api.get("visitors", other["visitorId"])["identityId"] != first["identityId"]


def test_of_two_that_are_equally_alike_neither_is_taken(api: Api, clock: Clock, graph: Graph) -> None:
    one = api.init(collected("one", timezone="Europe/Oslo"), address=HOME)
    two = api.init(collected("two", timezone="Europe/Rome"), address=WORK, agent=CHROME_130)
    assert one["visitorId"] != two["visitorId"]
    clock.forward(days=1)
    third = api.init(collected("three", timezone="Europe/Paris"), address="192.0.2.1")

    assert third["isNewVisitor"] is True
    assert third["match"]["method"] == "fuzzy_fingerprint"
    assert third["match"]["confidence"] < 0.5
    assert {row["of"] for row in graph.rows("MATCH ()-[p:PROBABLY]->(i) RETURN i.identity_id AS of")} == {
        one["identityId"],
        two["identityId"],
    }
    shown = api.get("visitors", third["visitorId"])["identityId"]
    assert shown not in {one["identityId"], two["identityId"]}, "neither is likely enough for a read"


@pytest.mark.parametrize(
    ("sent", "method"), [({"userId": "anna"}, "fuzzy_fingerprint"), ({"userId": "ben"}, "new"), ({}, "new")]
)
def test_a_user_id_raises_a_candidate_that_no_bucket_gives(
    api: Api, clock: Clock, sent: dict[str, Any], method: str
) -> None:
    first = api.init(collected("first"), address=HOME)
    api.identify(first, "anna")
    clock.forward(days=1)
    # A driver and a font: each band has changed.
    card = {"rendererUnmasked": "ANGLE (Intel, Mesa UHD 620, newer)", "vendorUnmasked": "Google Inc. (Intel)"}
    second = api.init(collected("second", webGlBasics=card, fonts=[*FONTS, "New"]), address=WORK, **sent)

    assert second["match"]["method"] == method
    assert (second["visitorId"] == first["visitorId"]) is (method == "fuzzy_fingerprint")
    assert second["userId"] is None, "what a page sends tells it nothing"


def test_a_user_id_never_decides_alone(api: Api, clock: Clock) -> None:
    first = api.init(collected("first"), address=HOME)
    api.identify(first, "anna")
    clock.forward(days=1)
    other = {"canvas": "other", "fonts": [f"Other {number}" for number in range(40)], **OTHER_CARD}
    second = api.init(collected("second", **other), address=WORK, userId="anna")

    assert second["visitorId"] != first["visitorId"]


def test_a_split_takes_a_similar_fingerprint_out_for_good(api: Api, clock: Clock) -> None:
    first = api.init(collected("at-home"), address=HOME)
    clock.forward(days=1)
    away = api.init(collected("abroad", timezone="America/New_York"), address=WORK)
    assert away["visitorId"] == first["visitorId"]
    api.change("visitors", first["visitorId"], "split", fingerprint="abroad")
    clock.forward(days=1)
    again = api.init(collected("abroad", timezone="America/New_York"), address=WORK)

    assert again["visitorId"] != first["visitorId"]


def test_a_bucket_that_is_a_crowd_is_skipped(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init(collected("first"), address=HOME)
    graph.rows(
        "MATCH (b:FuzzyBucket) UNWIND range(1, 100) AS n "
        "CREATE (:Fingerprint {tenant: b.tenant, hash: 'crowd-' + b.band + n, features: '{}'})-[:IN_BUCKET]->(b)"
    )
    clock.forward(days=1)
    other = api.init(collected("other", timezone="America/New_York"), address=WORK)

    assert other["visitorId"] != first["visitorId"]
    assert other["match"]["method"] == "new"


def test_a_visit_without_consent_and_a_crawler_are_like_nobody(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init(collected("first"), address=HOME)
    clock.forward(days=1)
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    for sent in ({"consent": False}, {"agent": bot}):
        other = api.init(collected(f"other {sent}", timezone="America/New_York"), address=WORK, **sent)
        assert other["visitorId"] != first["visitorId"]
    assert {hash_ for hash_, _ in graph.edges("IN_BUCKET")} == {"first"}


def test_an_erased_persons_buckets_go_unless_others_are_in_them(api: Api, clock: Clock, graph: Graph) -> None:
    gone = api.init(collected("gone"), address=HOME)
    api.identify(gone, "gone")
    clock.forward(days=1)
    # Of the three bands, the fonts alone are those of the one who goes.
    stays = api.init(collected("stays", canvas="other", **OTHER_CARD), address=WORK)
    assert stays["visitorId"] != gone["visitorId"]
    clock.forward(days=1)
    api.remove("users", "gone", expect=200)

    assert {band for name, band in graph.edges("IN_BUCKET") if name == "stays"} == {"graphics", "fonts", "hardware"}
    assert {name for name, _ in graph.edges("IN_BUCKET")} == {"stays"}
    assert graph.count("FuzzyBucket") == 3


def test_what_a_similar_fingerprint_tied_comes_loose_when_another_visitor_has_it(
    api: Api, clock: Clock, graph: Graph
) -> None:
    other = api.init("plain", anonymousId="other", address="192.0.2.1")
    first = api.init(collected("at-home"), address=HOME)
    api.track(first, "read")
    clock.forward(days=1)
    away = api.init(collected("abroad", timezone="America/New_York"), address=WORK)
    api.identify(away, "anna")
    assert api.journey("users", "anna") == ["read", "identify"]
    # Two days after, the other browser has it as well.
    for _ in range(2):
        clock.forward(days=1)
        shown = api.init(collected("abroad", timezone="America/New_York"), anonymousId="other", address="192.0.2.1")
        assert shown["visitorId"] == other["visitorId"]

    assert graph.edges("TIED_TO") == set()
    assert [row["method"] for row in graph.rows("MATCH ()-[p:PROBABLY]->() RETURN p.method AS method")] == [
        "fingerprint"
    ]


def test_a_login_that_arrives_late_settles_what_a_similar_fingerprint_tied(api: Api, clock: Clock) -> None:
    first = api.init(collected("at-home"), address=HOME)
    api.track(first, "read")
    clock.forward(days=1)
    away = api.init(collected("abroad", timezone="America/New_York"), address=WORK)
    api.identify(away, "anna")
    clock.forward(days=2)
    # Ben had logged in before, and his call was offline.
    api.identify(first, "ben", timestamp=first["startedAt"])

    assert "read" in api.journey("users", "ben")
    assert api.journey("users", "anna") == ["identify"]


def test_a_fingerprint_that_somebody_has_is_compared_with_nobodys(api: Api, clock: Clock, graph: Graph) -> None:
    # As in a graph from before: the fingerprint is in no bucket yet.
    owner = api.init({"visitorId": "plain"}, address=WORK)
    others = api.init(collected("others"), address=HOME)
    api.identify(others, "anna")
    clock.forward(days=1)
    again = api.init(collected("plain", timezone="Asia/Tokyo"), address=WORK, userId="anna")
    assert (again["visitorId"], again["match"]["method"]) == (owner["visitorId"], "fingerprint")
    token = api.init(
        collected("new", timezone="Asia/Tokyo"), address=WORK, userId="anna", visitorToken=again["visitorToken"]
    )
    assert token["visitorId"] == owner["visitorId"]
    assert {who for who, what in graph.edges("HAS_FINGERPRINT") if what in {"plain", "new"}} == {owner["visitorId"]}


def test_components_that_come_later_than_the_fingerprint_are_those_that_are_compared(
    api: Api, clock: Clock, graph: Graph
) -> None:
    bare = {"visitorId": "first", "components": {"platform": {"value": "Linux x86_64"}}}
    first = api.init(bare, address=HOME)
    assert graph.edges("IN_BUCKET") == set()
    api.init(collected("first"), address=HOME)
    assert len(graph.edges("IN_BUCKET")) == 3
    clock.forward(days=1)
    assert api.init(collected("second", timezone="Asia/Tokyo"), address=WORK)["visitorId"] == first["visitorId"]


def test_an_erased_persons_fingerprint_is_not_among_what_others_resemble(api: Api, clock: Clock, graph: Graph) -> None:
    gone = api.init(collected("gone"), address=HOME)
    api.identify(gone, "gone")
    phone = collected("like", contrast="more", timezone="Asia/Tokyo", deviceMemory=4)
    maybe = api.init(phone, address=WORK)
    assert (maybe["match"]["method"], maybe["isNewVisitor"]) == ("fuzzy_fingerprint", True)
    clock.forward(minutes=1)
    api.remove("users", "gone", expect=200)

    [row] = graph.rows("MATCH (s:Session) WHERE s.fingerprint = 'like' RETURN properties(s) AS kept")
    assert "gone" not in str(row)
    assert graph.edges("PROBABLY") == set()
