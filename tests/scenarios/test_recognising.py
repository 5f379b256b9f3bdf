"""How visits are recognised: as new, as returning by a token or fingerprint, or as probably somebody else's."""

import pytest

from tests.world import IPHONE, Api, Clock, Graph


def test_a_first_visit_is_a_new_visitor_with_confidence_1(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", page={"url": "https://shop.example/", "title": "Shop"}, address="203.0.113.7")
    api.track(visit, "page_visit")

    assert visit["isNewVisitor"] is True
    assert visit["match"] == {"method": "new", "confidence": 1.0, "evidence": []}
    assert visit["userId"] is None
    assert graph.edges("HAS_FINGERPRINT") == {(visit["visitorId"], "f-1")}
    assert len(graph.edges("RECORDED")) == 1
    [seen] = graph.rows(
        "MATCH (:Visitor)-[:SEEN_WITH]->(b:BrowserAtIp)-[:AT]->(a:IpAddress) "
        "RETURN a.address AS address, b.browser AS browser, b.os AS os, b.device_class AS device, b.week AS week"
    )
    assert seen == {
        "address": "203.0.113.7",
        "browser": "Chrome",
        "os": "Linux",
        "device": "desktop",
        "week": "2026-W10",
    }


def test_a_returning_visitor_is_recognised_by_fingerprint(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("f-1")
    clock.forward(days=2)
    again = api.init("f-1", address="198.51.100.9")

    assert again["visitorId"] == first["visitorId"]
    assert again["identityId"] == first["identityId"]
    assert again["sessionId"] != first["sessionId"]
    assert again["isNewVisitor"] is False
    assert again["match"]["method"] == "fingerprint"
    assert 0.8 <= again["match"]["confidence"] < 1.0
    [evidence] = again["match"]["evidence"]
    assert evidence["kind"] == "fingerprint"
    assert evidence["sharedBy"] == 0
    assert evidence["lastSeen"] == first["startedAt"]
    assert graph.count("Visitor") == 1
    assert len(graph.edges("TIED_TO")) == 1


def test_more_agreement_makes_a_fingerprint_surer(api: Api, clock: Clock) -> None:
    api.init("f-1")
    clock.forward(days=60)
    elsewhere = api.init("f-1", address="198.51.100.9", agent=IPHONE)["match"]["confidence"]
    clock.forward(days=60)
    same_place = api.init("f-1", address="198.51.100.9", agent=IPHONE)["match"]["confidence"]
    at_once = api.init("f-1", address="198.51.100.9", agent=IPHONE)["match"]["confidence"]

    assert 0.8 <= elsewhere < same_place < at_once <= 1.0


def test_a_returning_visitor_is_recognised_by_token(api: Api, graph: Graph) -> None:
    first = api.init("f-1")
    again = api.init("another fingerprint", visitorToken=first["visitorToken"])

    assert again["match"] == {
        "method": "token",
        "confidence": 1.0,
        "evidence": [
            {"kind": "token", "strength": 1.0, "sharedBy": 0, "lastSeen": first["startedAt"], "arithmetic": {}}
        ],
    }
    assert again["visitorId"] == first["visitorId"]
    assert again["visitorToken"] == first["visitorToken"]
    assert graph.edges("HAS_FINGERPRINT") == {
        (first["visitorId"], "f-1"),
        (first["visitorId"], "another fingerprint"),
    }
    assert graph.count("Jar") == 1


def test_a_visitor_is_recognised_by_the_callers_own_id(api: Api) -> None:
    first = api.init(anonymousId="a-1")
    again = api.init(anonymousId="a-1")

    assert first["match"]["method"] == "new"
    assert (again["match"]["method"], again["match"]["confidence"]) == ("anonymous_id", 1.0)
    assert again["visitorId"] == first["visitorId"]


def test_a_token_beats_an_anonymous_id_and_a_disagreement_is_a_warning(api: Api, graph: Graph) -> None:
    by_token = api.init("f-1")
    by_id = api.init(anonymousId="a-1")
    both = api.init(visitorToken=by_token["visitorToken"], anonymousId="a-1")

    assert both["visitorId"] == by_token["visitorId"] != by_id["visitorId"]
    assert both["warnings"] == ["anonymous_id_disagrees"]
    assert graph.count("Visitor") == 2


@pytest.mark.parametrize("token", ["junk", "", "e30.x", "ä", "x" * 5000, 7, None, {"a": 1}])
def test_a_forged_token_is_ignored(api: Api, token: object) -> None:
    visit = api.init("f-1", visitorToken=token)

    assert visit["isNewVisitor"] is True
    assert visit["match"]["method"] == "new"


def test_a_token_of_another_tenant_is_ignored(api: Api, other_api: Api) -> None:
    theirs = other_api.init("f-1")
    mine = api.init("f-1", visitorToken=theirs["visitorToken"])

    assert mine["match"]["method"] == "new"
    assert mine["visitorId"] != theirs["visitorId"]


def test_a_tampered_token_is_ignored(api: Api) -> None:
    good = api.init("f-1")["visitorToken"]
    payload, _, signature = good.rpartition(".")
    visit = api.init("f-2", visitorToken=f"{payload[:-2]}AA.{signature}")

    assert visit["match"]["method"] == "new"


def test_a_fingerprint_that_two_visitors_have_does_not_own(api: Api, graph: Graph) -> None:
    first = api.init("common")
    second = api.init("rare")
    api.init("common", visitorToken=second["visitorToken"])
    third = api.init("common")

    assert third["isNewVisitor"] is True
    assert third["match"]["method"] == "fingerprint"
    assert third["match"]["confidence"] < 0.8
    assert {evidence["sharedBy"] for evidence in third["match"]["evidence"]} == {2}
    assert third["identityId"] in {first["identityId"], second["identityId"]}
    assert third["userId"] is None
    assert len(graph.edges("PROBABLY")) == 2
    assert len(graph.edges("TIED_TO")) == 0


def test_a_fingerprint_of_merged_visitors_owns_until_they_are_split(api: Api, clock: Clock) -> None:
    first = api.init("common")
    second = api.init("rare")
    clock.forward(minutes=1)
    api.init("common", visitorToken=second["visitorToken"])
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])

    again = api.init("common")
    assert (again["isNewVisitor"], again["visitorId"]) == (False, second["visitorId"])
    assert again["match"]["confidence"] >= 0.8
    assert {evidence["sharedBy"] for evidence in again["match"]["evidence"]} == {0}

    api.change("visitors", first["visitorId"], "split")
    assert api.get("sessions", again["sessionId"])["visitorId"] == second["visitorId"]
    third = api.init("common")
    assert (third["isNewVisitor"], third["match"]["confidence"] < 0.8) == (True, True)


def test_merged_visitors_count_as_one_sharer_of_a_fingerprint(api: Api) -> None:
    first = api.init("common")
    others = [api.init(f"own-{number}") for number in range(2)]
    for other in others:
        api.init("common", visitorToken=other["visitorToken"])
    api.change("visitors", first["visitorId"], "merge", into=others[0]["visitorId"])

    def shared_by() -> set[int]:
        evidence = api.init("common")["match"]["evidence"]
        return {piece["sharedBy"] for piece in evidence if piece["kind"] == "fingerprint"}

    assert shared_by() == {2}
    # The visit above made one more visitor that has the fingerprint.
    api.change("visitors", first["visitorId"], "split")
    assert shared_by() == {4}


def test_known_jars_of_merged_visitors_are_added_up(api: Api) -> None:
    first, second = api.init("common"), api.init("rare")
    private = api.init("rare")
    for jar in (first, second, private):
        api.init("common", visitorToken=jar["visitorToken"])
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    fourth = api.init("common")
    assert fourth["isNewVisitor"] is False
    api.init("common", visitorToken=fourth["visitorToken"])
    assert api.init("common")["isNewVisitor"] is True


def test_a_fourth_known_jar_makes_a_fingerprint_weak(api: Api) -> None:
    jars = [api.init("f-1")["visitorToken"] for _ in range(4)]
    for token in jars:
        api.init("f-1", visitorToken=token)

    fifth = api.init("f-1")

    assert fifth["isNewVisitor"] is True
    assert (fifth["match"]["method"], fifth["match"]["confidence"] < 0.8) == ("fingerprint", True)


def test_a_fingerprint_that_a_crowd_shares_is_no_evidence(api: Api) -> None:
    for number in range(30):
        own = api.init(f"own-{number}")
        api.init("the phone everybody has", visitorToken=own["visitorToken"])

    visit = api.init("the phone everybody has")

    assert visit["match"] == {"method": "new", "confidence": 1.0, "evidence": []}


def test_a_fingerprint_without_components_counts_and_components_are_kept(api: Api, graph: Graph) -> None:
    api.init(fingerprint={"visitorId": "f-1", "components": {}})
    again = api.init(
        fingerprint={"visitorId": "f-1", "confidence": 0.7, "components": {"platform": {"value": "Linux x86_64"}}}
    )

    assert again["match"]["method"] == "fingerprint"
    [row] = graph.rows("MATCH (f:Fingerprint) RETURN f.components AS components")
    assert row["components"] == '{"platform":{"value":"Linux x86_64"}}'


def test_two_phones_of_one_model_are_half_one_persons_until_they_are_seen_at_one_address(
    api: Api, clock: Clock
) -> None:
    """FingerprintJS gives each such phone a confidence of 0.3, since all of a model are alike."""
    shown = {"visitorId": "the model's", "confidence": 0.3, "components": {}}
    anna = api.init(fingerprint=shown, address="203.0.113.7", agent=IPHONE)
    api.identify(anna, "anna")
    clock.forward(days=1)
    other = api.init(fingerprint=shown, address="198.51.100.9", agent=IPHONE)
    api.track(other, "somebody's")
    at_home = api.init(fingerprint=shown, address="203.0.113.7", agent=IPHONE)

    assert 0.8 <= other["match"]["confidence"] < at_home["match"]["confidence"]
    assert other["visitorId"] == at_home["visitorId"] == anna["visitorId"]
    assert api.get("sessions", other["sessionId"])["confidence"] == 0.5
    assert api.get("sessions", at_home["sessionId"])["confidence"] == at_home["match"]["confidence"]
    assert "somebody's" in api.journey("users", "anna")
    assert "somebody's" not in api.journey("users", "anna", minConfidence=0.6)
    why = api.get("explain", a=f"session:{other['sessionId']}", b="user:anna")
    assert (why["same"], why["confidence"]) == (True, 0.5)
    assert "(0.8 + 0.02 - 0.3395 + 0.0195 = 0.5)" in " ".join(why["text"])
    assert api.change("consistency", "check")["findings"] == []


def test_without_consent_a_visit_is_not_recognised_and_no_address_is_kept(api: Api, graph: Graph) -> None:
    known = api.init("f-1")
    visit = api.init("f-1", visitorToken=known["visitorToken"], consent=False)

    assert visit["visitorId"] != known["visitorId"]
    assert visit["visitorToken"] is None
    assert visit["match"]["method"] == "new"
    assert len(graph.edges("SEEN_WITH")) == 1
    [row] = graph.rows("MATCH (s:Session {session_id: $id}) RETURN s.address AS address", id=visit["sessionId"])
    assert row["address"] is None


def test_without_consent_later_calls_keep_no_address_either(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", consent=False)
    api.track(visit)
    handed = api.identify(api.identify(visit, "anna"), "ben")
    api.track(handed)

    rows = graph.rows("MATCH (s:Session)-[:RECORDED]->(e:Event) RETURN e.name AS name, e.address AS address")
    assert sorted((row["name"], row["address"]) for row in rows) == [
        ("click", None),
        ("click", None),
        ("identify", None),
        ("identify", None),
    ]


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.9", "127.0.0.1", "100.64.3.4", "fd00::1", "fe80::1"])
def test_a_private_address_is_no_evidence(api: Api, graph: Graph, address: str) -> None:
    api.init("f-1", address=address)

    assert graph.count("IpAddress") == 0
    assert graph.count("BrowserAtIp") == 0


def test_an_ipv6_address_is_kept_as_its_64_network(api: Api, graph: Graph) -> None:
    api.init("f-1", address="2001:db8:1:2:aaaa::1")
    api.init("f-2", address="2001:db8:1:2:bbbb::2")

    assert {row["a"] for row in graph.rows("MATCH (i:IpAddress) RETURN i.address AS a")} == {"2001:db8:1:2::"}
    assert len(graph.edges("SEEN_WITH")) == 2


def test_a_user_id_in_init_is_evidence_and_claims_nothing(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", userId="anna")

    assert visit["userId"] is None
    assert graph.edges("RESOLVES_TO") == set()
    [relationship] = api.get("users", "anna", "visitors")["items"]
    assert (relationship["visitorId"], relationship["source"]) == (visit["visitorId"], "collected")
