"""The five stories of docs/identity-resolution.md, played in the demo shop by a real browser."""

from tests.browser.device import MOVED, PHONE, Shop
from tests.world import Graph


def test_a_visitor_is_new_returns_changes_its_fingerprint_logs_in_and_uses_another_device(
    shop: Shop, graph: Graph
) -> None:
    laptop = shop.device()
    first = laptop.visit()
    begun = laptop.answer("init")
    assert (begun["match"]["method"], begun["match"]["confidence"], begun["isNewVisitor"]) == ("new", 1.0, True)

    emptied = shop.device()
    again = emptied.visit()
    recognised = emptied.answer("init")
    assert recognised["match"]["method"] == "fingerprint"
    assert 0.8 <= recognised["match"]["confidence"] <= 1.0
    assert (again["visitorId"], again["identityId"]) == (first["visitorId"], first["identityId"])

    changed = shop.device(MOVED)
    changed.visit()
    similar = changed.answer("init")
    assert similar["match"]["method"] == "fuzzy_fingerprint"
    assert 0.6 <= similar["match"]["confidence"] < 0.8
    assert similar["visitorId"] == first["visitorId"]
    assert (similar["identityId"], similar["userId"]) == (first["identityId"], None)

    login = laptop.log_in("anna")
    assert login["identityId"] != first["identityId"]
    assert login["updated"]["sessions"] == 3

    phone = shop.device(PHONE)
    phone.visit()
    assert phone.answer("init")["match"]["method"] == "new"
    on_phone = phone.log_in("anna")
    assert (on_phone["identityId"], on_phone["visitorId"]) == (login["identityId"], phone.answer("init")["visitorId"])

    assert graph.rows("MATCH (f:Fingerprint) RETURN count(f) AS fingerprints") == [{"fingerprints": 3}]
    owned = graph.rows(
        "MATCH (u:User {user_id: 'anna'})<-[:RESOLVES_TO]-(:Tenure)-[:ON]->(:Jar)-[:IN]->(v:Visitor) "
        "RETURN collect(DISTINCT v.visitor_id) AS visitors"
    )
    assert set(owned[0]["visitors"]) == {first["visitorId"], on_phone["visitorId"]}
