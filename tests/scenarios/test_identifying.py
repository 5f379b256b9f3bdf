"""What logins do to the history before them, on other devices, and in browsers that several people share."""

import hmac
from typing import Any

import pytest

from app.schemas.wire import wire_time
from graph.database import Database
from tests.graph.test_splits import checked
from tests.world import IPHONE, Api, Clock, Graph


def test_a_login_claims_the_history_before_it_without_touching_an_event(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    for name in ("page_visit", "add_to_cart"):
        clock.forward(seconds=10)
        api.track(visit, name)
    before = graph.rows("MATCH (e:Event) RETURN elementId(e) AS id, properties(e) AS properties ORDER BY e.event_id")

    login = api.identify(visit, "anna", properties={"email": "anna@example.org"})

    assert login["userId"] == "anna"
    assert login["updated"] == {"sessions": 1, "events": 2}
    assert (login["confidence"], login["verified"], login["warnings"]) == (0.95, False, [])
    after = graph.rows("MATCH (e:Event) RETURN elementId(e) AS id, properties(e) AS properties ORDER BY e.event_id")
    assert after[:2] == before
    assert api.journey("users", "anna") == ["page_visit", "add_to_cart", "identify"]
    assert api.get("sessions", visit["sessionId"])["userId"] == "anna"


def test_an_identity_stays_the_same_in_later_sessions(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    login = api.identify(visit, "anna")
    clock.forward(days=3)

    by_token = api.init("f-1", visitorToken=visit["visitorToken"])
    by_fingerprint = api.init("f-1")
    seen = api.track(by_token, "later")

    assert by_token["identityId"] == login["identityId"]
    assert api.get("sessions", by_fingerprint["sessionId"])["identityId"] == login["identityId"]
    assert by_token["userId"] == "anna"
    assert (seen["userId"], seen["confidence"]) == ("anna", 1.0)
    # An equal fingerprint may be another machine, so the answer has no user id.
    assert by_fingerprint["userId"] is None


def test_earlier_visits_of_the_browser_follow_a_login(api: Api, clock: Clock) -> None:
    for name in ("monday", "tuesday", "wednesday"):
        visit = api.init("f-1")
        api.track(visit, name)
        clock.forward(days=1)
    login = api.identify(api.init("f-1"), "anna")

    assert login["updated"] == {"sessions": 4, "events": 3}
    assert api.journey("users", "anna") == ["monday", "tuesday", "wednesday", "identify"]
    confidences = [event["confidence"] for event in api.pages("users", "anna", "journey")]
    assert confidences[-1] == 1.0
    assert all(0.8 <= confidence < 1.0 for confidence in confidences[:3])


def test_devices_of_one_user_are_one_identity_with_separate_fingerprints(api: Api, clock: Clock, graph: Graph) -> None:
    laptop = api.init("laptop", address="203.0.113.7")
    api.track(laptop, "search")
    clock.forward(minutes=10)
    phone = api.init("phone", address="198.51.100.1", agent=IPHONE)
    api.track(phone, "buy", agent=IPHONE, address="198.51.100.1")
    assert phone["identityId"] != laptop["identityId"]

    on_laptop = api.identify(laptop, "anna")
    on_phone = api.identify(phone, "anna")

    assert on_laptop["identityId"] == on_phone["identityId"]
    assert graph.edges("HAS_FINGERPRINT") == {(laptop["visitorId"], "laptop"), (phone["visitorId"], "phone")}
    assert sorted(api.journey("users", "anna")) == ["buy", "identify", "identify", "search"]
    [buy] = [event for event in api.pages("users", "anna", "journey") if event["eventName"] == "buy"]
    assert buy["visitorId"] == phone["visitorId"]
    assert buy["context"]["ip"] == "198.51.100.1"
    assert (buy["context"]["browser"], buy["context"]["device"]) == ("Mobile Safari", "mobile")
    assert {item["visitorId"] for item in api.get("users", "anna", "visitors")["items"]} == {
        laptop["visitorId"],
        phone["visitorId"],
    }


def test_mum_and_kid_on_one_browser_do_not_see_each_other(api: Api, clock: Clock) -> None:
    mum = api.init("f-1")
    api.track(mum, "mum browses")
    api.identify(mum, "mum")
    api.track(mum, "mum buys")
    clock.forward(minutes=5)
    kid = api.init("f-1", visitorToken=mum["visitorToken"], reset=True)
    assert kid["userId"] is None
    api.track(kid, "kid browses")
    api.identify(kid, "kid")
    api.track(kid, "kid plays")

    assert api.journey("users", "mum") == ["mum browses", "identify", "mum buys"]
    assert api.journey("users", "kid") == ["kid browses", "identify", "kid plays"]
    assert api.journey("visitors", mum["visitorId"]) == [
        *("mum browses", "identify", "mum buys"),
        *("kid browses", "identify", "kid plays"),
    ]
    assert kid["visitorId"] == mum["visitorId"]
    users = api.get("visitors", mum["visitorId"], "users")["items"]
    assert {user["userId"] for user in users} == {"mum", "kid"}


def test_events_after_a_log_out_belong_to_nobody(api: Api) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    out = api.init("f-1", visitorToken=visit["visitorToken"], reset=True)
    api.track(out, "anonymous again")

    assert out["identityId"] != visit["identityId"]
    assert out["userId"] is None
    assert "anonymous again" not in api.journey("users", "anna")


def test_a_second_login_begins_a_successor_session_that_takes_later_events(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    api.track(visit, "anna's")
    clock.forward(minutes=1)
    handed = api.identify(visit, "ben")
    assert handed["sessionId"] != visit["sessionId"]
    assert handed["updated"] == {"sessions": 1, "events": 0}
    clock.forward(minutes=1)

    old_id = api.track(visit, "ben's, by the old id")
    new_id = api.track(handed, "ben's, by the new id")
    late = api.track(visit, "anna's, delivered late", timestamp="2026-03-04T12:00:30.000Z")

    assert old_id["sessionId"] == new_id["sessionId"] == handed["sessionId"]
    assert (old_id["userId"], late["userId"]) == ("ben", "anna")
    assert late["sessionId"] == visit["sessionId"]
    assert api.journey("users", "anna") == ["identify", "anna's", "anna's, delivered late"]
    assert api.journey("users", "ben") == ["identify", "ben's, by the old id", "ben's, by the new id"]


def test_two_identical_laptops_each_keep_their_user_and_events(api: Api, clock: Clock) -> None:
    anna = api.init("laptop model 7")
    api.track(anna, "anna browses")
    api.identify(anna, "anna")
    clock.forward(hours=1)
    ben = api.init("laptop model 7")
    api.track(ben, "ben browses")
    clock.forward(minutes=1)
    ben_later = api.init("laptop model 7", visitorToken=ben["visitorToken"])
    login = api.identify(ben_later, "ben")
    api.track(ben_later, "ben buys")
    anna_later = api.init("laptop model 7", visitorToken=anna["visitorToken"])
    api.track(anna_later, "anna buys")

    assert login["updated"] == {"sessions": 2, "events": 1}
    assert anna_later["userId"] == "anna"
    assert api.journey("users", "anna") == ["anna browses", "identify", "anna buys"]
    assert api.journey("users", "ben") == ["ben browses", "identify", "ben buys"]


def test_guests_of_a_kiosk_inherit_nothing(api: Api, clock: Clock) -> None:
    for guest in range(3):
        clock.forward(minutes=30)
        api.identify(api.init("kiosk"), f"guest-{guest}")
    clock.forward(minutes=30)
    stranger = api.init("kiosk")
    api.track(stranger, "a stranger")

    assert stranger["identityId"] not in {api.get("users", f"guest-{guest}")["identityId"] for guest in range(3)}
    assert all("a stranger" not in api.journey("users", f"guest-{guest}") for guest in range(3))


@pytest.mark.parametrize("is_late", [False, True])
def test_who_keeps_cookies_makes_no_kiosk_even_if_the_earlier_visit_arrives_last(
    api: Api, clock: Clock, database: Database, *, is_late: bool
) -> None:
    """Three users log in one after the other in one jar, which had come back by then; the browser has another jar."""
    dawn = clock()

    def arrives() -> None:
        api.init("browser", anonymousId="jar", timestamp=wire_time(dawn), secret=True)

    if not is_late:
        arrives()
    clock.forward(hours=1)
    other = api.init("browser", anonymousId="other jar")
    api.track(other, "look")
    clock.forward(minutes=10)
    visit = api.init("browser", anonymousId="jar")
    for user in ("anna", "ben", "carol"):
        clock.forward(minutes=1)
        api.identify(visit, user)
    clock.forward(minutes=1)
    assert api.get("sessions", other["sessionId"])["userId"] == (None if is_late else "anna")
    if is_late:
        arrives()
    assert api.get("sessions", other["sessionId"])["userId"] == "anna"
    assert "look" in api.journey("users", "anna")
    assert checked(database) == []


def test_a_claim_beats_an_inference(api: Api, clock: Clock) -> None:
    api.identify(api.init("f-1"), "anna")
    clock.forward(minutes=1)
    visit = api.init("f-1")
    api.track(visit, "whose?")
    assert "whose?" in api.journey("users", "anna")

    api.identify(visit, "ben")

    assert "whose?" not in api.journey("users", "anna")
    assert api.journey("users", "ben") == ["whose?", "identify"]


def test_the_earliest_claim_gets_the_history_even_if_it_arrives_last(api: Api, clock: Clock) -> None:
    first = api.init("f-1")
    api.track(first, "history")
    clock.forward(minutes=5)
    later, earlier = api.init("f-1"), api.init("f-1")
    clock.forward(minutes=20)
    api.identify(later, "late", timestamp="2026-03-04T12:20:00.000Z")
    assert "history" in api.journey("users", "late")

    api.identify(earlier, "early", timestamp="2026-03-04T12:10:00.000Z")

    assert "history" in api.journey("users", "early")
    assert "history" not in api.journey("users", "late")


def test_a_late_login_ends_in_the_same_journeys_as_in_time_order(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    for minute in (1, 3, 5):
        clock.forward(minutes=2)
        api.track(visit, f"minute {minute}", timestamp=f"2026-03-04T12:0{minute}:00.000Z")
    api.identify(visit, "second", timestamp="2026-03-04T12:04:00.000Z")
    late = api.identify(visit, "first", timestamp="2026-03-04T12:02:00.000Z")

    assert late["sessionId"] == visit["sessionId"]
    assert api.journey("users", "first") == ["minute 1", "identify", "minute 3"]
    assert api.journey("users", "second") == ["identify", "minute 5"]


def test_three_logins_in_any_order_end_in_the_same_journeys(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(minutes=10)
    for minute in range(1, 8):
        api.track(visit, f"minute {minute}", timestamp=f"2026-03-04T12:0{minute}:30.000Z")
    for user, minute in (("c", 6), ("a", 2), ("b", 4)):
        api.identify(visit, user, timestamp=f"2026-03-04T12:0{minute}:00.000Z")

    assert api.journey("users", "a") == ["minute 1", "identify", "minute 2", "minute 3"]
    assert api.journey("users", "b") == ["identify", "minute 4", "minute 5"]
    assert api.journey("users", "c") == ["identify", "minute 6", "minute 7"]


def test_another_login_of_the_same_user_is_one_more_association(api: Api) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    again = api.identify(visit, "anna")

    assert again["sessionId"] == visit["sessionId"]
    assert again["updated"] == {"sessions": 0, "events": 0}
    [relationship] = api.get("users", "anna", "visitors")["items"]
    assert relationship["count"] == 2
    assert relationship["confidence"] > 95


def test_a_signature_makes_a_login_verified(api: Api) -> None:
    good = hmac.digest(api.keys.signing_secret.encode(), "ånna/1".encode(), "sha256").hex()
    verified = api.identify(api.init("f-1"), "ånna/1", userHash=good)

    assert verified["verified"] is True
    assert verified["confidence"] > 0.95
    assert api.get("users", "ånna/1", "visitors")["items"][0]["source"] == "verified"


def test_a_wrong_signature_is_refused_and_changes_nothing(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    refused = api.identify(visit, "anna", userHash="0" * 64, expect=403)

    assert refused["code"] == "user_hash_invalid"
    assert graph.count("User") == 0
    assert graph.count("Event") == 0


@pytest.mark.parametrize(
    "user_id",
    [
        "null",
        "undefined",
        " None ",
        "NaN",
        "0",
        "-1",
        "ANONYMOUS",
        "guest",
        "true",
        "[object Object]",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_a_user_id_that_names_nobody_claims_nothing(api: Api, graph: Graph, user_id: str) -> None:
    visit = api.init("f-1")
    answer = api.identify(visit, user_id)

    assert answer["userId"] is None
    assert answer["warnings"] == ["placeholder_user_id"]
    assert graph.count("User") == 0
    assert api.journey("visitors", visit["visitorId"]) == ["identify"]


def test_two_known_users_are_never_joined_by_evidence(api: Api) -> None:
    anna = api.identify(api.init("f-1"), "anna")
    ben = api.identify(api.init("f-1"), "ben")

    assert anna["identityId"] != ben["identityId"]
    assert api.get("identities", anna["identityId"])["userId"] == "anna"
    assert api.get("identities", ben["identityId"])["userId"] == "ben"


def test_a_server_tracks_for_a_user_without_a_browser(api: Api, graph: Graph) -> None:
    browser = api.init("f-1")
    login = api.identify(browser, "anna")
    paid = api.track(None, "paid", userId="anna", secret=True)

    assert paid["identityId"] == login["identityId"]
    assert paid["userId"] == "anna"
    assert paid["visitorId"] != browser["visitorId"]
    assert api.get("visitors", paid["visitorId"])["kind"] == "server"
    assert api.journey("users", "anna") == ["identify", "paid"]
    assert len(graph.edges("HAS_FINGERPRINT")) == 1
    assert len(graph.edges("SEEN_WITH")) == 1


@pytest.mark.parametrize("named", [{}, {"anonymousId": "a-1"}])
@pytest.mark.parametrize("in_batch", [False, True])
def test_a_servers_identify_without_a_session_is_one_login(
    api: Api, clock: Clock, named: dict[str, Any], *, in_batch: bool
) -> None:
    def log_in(message_id: str) -> dict[str, Any]:
        sent = {"messageId": message_id, "userId": "anna", **named}
        if not in_batch:
            return dict(api.identify(None, "anna", secret=True, **sent).json)
        item = {"type": "identify", "userProperties": {"userId": "anna"}, **sent}
        return dict(api.post("/eventTracking/batch", {"events": [item]}, secret=True)["results"][0])

    def count() -> int:
        [relationship] = api.pages("users", "anna", "visitors")
        return int(relationship["count"])

    first = log_in("m-1")
    assert (first["confidence"], first["verified"], count()) == (0.99, True, 1)
    assert first["updated"] == api.identify(api.init("f-1"), "ben")["updated"] == {"sessions": 1, "events": 0}
    assert (log_in("m-1")["duplicate"], count()) == (True, 1)
    second = log_in("m-2")
    assert (second["sessionId"], second["updated"]["sessions"], count()) == (first["sessionId"], 0, 2)
    clock.forward(hours=2)
    third = log_in("m-3")
    assert third["sessionId"] != first["sessionId"]
    assert count() == 3


def test_a_servers_login_of_another_user_than_the_sessions_is_a_second_one(api: Api) -> None:
    """The session is begun for the user whom the call names instead of a session."""
    api.identify(None, "ben", userId="anna", secret=True)
    assert [each["count"] for name in ("anna", "ben") for each in api.pages("users", name, "visitors")] == [1, 1]


def test_a_public_key_may_not_name_a_user_instead_of_a_session(api: Api) -> None:
    assert api.track(None, "paid", userId="anna", expect=403)["code"] == "wrong_kind_of_key"


def test_calls_by_the_callers_own_id_find_or_begin_the_session(api: Api, clock: Clock) -> None:
    first = api.track(None, "a", anonymousId="a-1")
    second = api.track(None, "b", anonymousId="a-1")
    login = api.identify(None, "anna", anonymousId="a-1")
    clock.forward(hours=2)
    third = api.track(None, "c", anonymousId="a-1")

    assert first["sessionId"] == second["sessionId"] == login["sessionId"] != third["sessionId"]
    assert api.journey("users", "anna") == ["a", "b", "identify", "c"]


def test_a_placeholder_in_init_or_instead_of_a_session_names_nobody(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", userId="undefined")
    refused = api.track(None, "paid", userId="null", secret=True, expect=422)

    assert visit["warnings"] == ["placeholder_user_id"]
    assert list(refused["errors"]) == ["userId"]
    assert graph.count("User") == 0


def test_the_callers_own_id_leads_to_the_session_in_use_after_a_second_login(api: Api, clock: Clock) -> None:
    api.identify(None, "anna", anonymousId="a-1")
    handed = api.identify(None, "ben", anonymousId="a-1")
    for _ in range(3):
        clock.forward(minutes=20)
        assert api.track(None, anonymousId="a-1")["sessionId"] == handed["sessionId"]
