"""Odd and refused calls are listed as warnings, with their subject and count, and only for their own tenant."""

import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.config import Settings
from app.factory import create_app
from graph.acts import tenants, warnings
from graph.database import Database
from graph.model import Warned
from graph.transaction import Transaction
from tests import given
from tests.conftest import SECRET_KEY
from tests.world import CHROME, Api, Clock, Graph

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"
#: An address without earlier visitors, so that only the fingerprint could identify a visitor.
ELSEWHERE = "198.51.100.9"


def listed(api: Api, **query: str) -> list[tuple[str, str, int]]:
    return [(warning["code"], warning["subject"], warning["count"]) for warning in api.pages("warnings", **query)]


def test_where_nothing_was_odd_nothing_is_listed(api: Api) -> None:
    api.identify(api.init("f-1"), "anna")
    assert api.get("warnings").json == {"items": [], "nextCursor": None}


def test_user_ids_that_name_nobody_are_listed(api: Api) -> None:
    session = api.init("f-1", userId="null")
    api.identify(session, "undefined")
    api.identify(session, "undefined")
    assert sorted(listed(api)) == [("placeholder_user_id", "null", 1), ("placeholder_user_id", "undefined", 2)]


def test_user_ids_of_a_tenants_own_that_name_nobody_are_listed(api: Api, database: Database) -> None:
    tenants.configure(database, "shop", {}, {"placeholder_user_ids": ["Kiosk 1"]})
    assert api.identify(api.init("f-1"), "kiosk 1")["warnings"] == ["placeholder_user_id"]
    assert listed(api) == [("placeholder_user_id", "kiosk 1", 1)]


def test_signatures_that_do_not_hold_are_listed_though_the_call_was_refused(api: Api, graph: Graph) -> None:
    session = api.init("f-1")
    api.identify(session, "anna", userHash="f" * 64, expect=403)
    assert listed(api) == [("user_hash_invalid", "anna", 1)]
    assert "f" * 64 not in str(graph.rows("MATCH (w:Warning) RETURN w"))


def test_signatures_that_are_missing_are_listed(api: Api, database: Database) -> None:
    tenants.configure(database, "shop", {"identify_verification": "enforce"}, {})
    session = api.init("f-1", userId="ben")
    api.identify(session, "anna", expect=403)
    items = [{"type": "identify", "userProperties": {"userId": "anna"}}] * 2
    api.post("/eventTracking/batch", {"sessionId": session["sessionId"], "events": items})
    assert sorted(listed(api)) == [("user_hash_required", "anna", 3), ("user_hash_required", "ben", 1)]


def test_all_refusals_of_a_batch_are_recorded_by_one_transaction(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[int] = []

    def record(tx: Transaction, warned: Sequence[Warned]) -> None:
        recorded.append(len(warned))
        originally(tx, warned)

    originally = warnings.record
    monkeypatch.setattr(warnings, "record", record)
    session = api.init("f-1")["sessionId"]
    recorded.clear()
    users = ["anna", "ben", "anna", "carl"]
    items = [{"type": "identify", "userProperties": {"userId": user}, "userHash": "f" * 64} for user in users]
    api.post("/eventTracking/batch", {"sessionId": session, "events": items})
    assert recorded == [4]
    assert sorted(listed(api)) == [("user_hash_invalid", user, users.count(user)) for user in sorted(set(users))]


def test_a_fingerprint_of_another_system_is_listed_and_weighs_nothing(api: Api, graph: Graph) -> None:
    api.init("f-1", agent=MAC)
    odd = {"visitorId": "f-1", "components": {"platform": {"value": "Win32"}}}
    answer = api.init(odd, agent=MAC, address=ELSEWHERE)
    assert (answer["match"]["method"], answer["warnings"]) == ("new", ["implausible_fingerprint"])
    [warning] = api.get("warnings")["items"]
    assert (warning["code"], warning["subject"]) == ("implausible_fingerprint", "f-1")
    assert "Windows" in warning["detail"]
    assert "macOS" in warning["detail"]
    assert graph.edges("HAS_FINGERPRINT") == {(api.init("f-1", agent=MAC)["visitorId"], "f-1")}


@pytest.mark.parametrize("nonsense", ["undefined", "0" * 32, "ab"])
def test_a_hash_that_everybody_sends_makes_nobody_one(api: Api, graph: Graph, nonsense: str) -> None:
    first, second = api.init(nonsense), api.init(nonsense, address=ELSEWHERE)
    assert first["visitorId"] != second["visitorId"]
    assert second["match"]["method"] == "new"
    assert graph.count("Fingerprint") == 0
    assert listed(api) == [("implausible_fingerprint", nonsense, 2)]


def test_a_server_that_passes_a_fingerprint_on_is_not_compared_with_its_own_user_agent(api: Api) -> None:
    collected = {"visitorId": "f-1", "components": {"platform": {"value": "Win32"}}}
    assert api.init(collected, agent=CHROME, secret=True)["warnings"] == []


def test_a_token_and_an_anonymous_id_that_disagree_are_listed(api: Api) -> None:
    token = api.init("f-1", anonymousId="a-1")["visitorToken"]
    assert api.init("f-1", anonymousId="a-2", visitorToken=token)["warnings"] == ["anonymous_id_disagrees"]
    assert listed(api) == [("anonymous_id_disagrees", "a-2", 1)]


def test_clocks_that_were_not_believed_are_listed(api: Api) -> None:
    early, late = "2026-01-01T00:00:00.000Z", "2026-03-04T12:01:00.001Z"
    session = api.init("f-1")
    assert api.init("f-1", timestamp=late)["warnings"] == ["timestamp_ahead"]
    assert api.init("f-1", timestamp=early)["warnings"] == ["timestamp_too_early"]
    assert api.identify(session, "anna", timestamp=late)["warnings"] == ["timestamp_ahead"]
    api.track(session, timestamp=late)
    api.track(session, timestamp=late)
    assert sorted(listed(api)) == [
        ("timestamp_ahead", "identify", 1),
        ("timestamp_ahead", "init", 1),
        ("timestamp_ahead", "track", 2),
        ("timestamp_too_early", "init", 1),
    ]


def test_clocks_that_are_off_a_little_or_say_so_are_not(api: Api) -> None:
    session = api.init("f-1", timestamp="2026-03-04T12:01:00.000Z")
    api.track(session, timestamp="2026-03-04T14:00:00.000Z", sentAt="2026-03-04T14:00:01.000Z")
    assert listed(api) == []


def test_a_repeat_is_listed_once(api: Api) -> None:
    session = api.init("f-1")
    for _ in range(3):
        api.init("undefined", messageId="m-1")
        api.identify(session, "undefined", messageId="m-2")
    assert {count for _, _, count in listed(api)} == {1}


def test_a_user_of_more_browsers_than_a_person_has_is_claimed_by_no_more(
    api: Api, database: Database, graph: Graph
) -> None:
    tenants.configure(database, "shop", {}, {"claims_max": 3})
    sessions = [api.init(f"fp-{number}") for number in range(4)]
    for session in sessions[:3]:
        api.identify(session, "everybody")
    answer = api.identify(sessions[3], "everybody")
    assert (answer["userId"], answer["warnings"]) == (None, ["too_many_claims"])
    assert listed(api) == [("too_many_claims", "everybody", 1)]
    assert api.journey("visitors", sessions[3]["visitorId"]) == ["identify"]
    assert len(graph.edges("RESOLVES_TO")) == len(graph.edges("IDENTIFIED_AS")) == 3
    # Tenures that the user claimed before stay claimed, and other users are unaffected.
    api.identify(sessions[0], "everybody")
    api.identify(sessions[3], "anna")


def test_a_second_login_counts_as_one_more_claim(api: Api, database: Database) -> None:
    tenants.configure(database, "shop", {}, {"claims_max": 1})
    first, second = api.init("fp-1"), api.init("fp-2")
    api.identify(first, "everybody")
    api.identify(second, "anna")
    assert api.identify(second, "everybody")["warnings"] == ["too_many_claims"]
    assert api.get("sessions", second["sessionId"])["userId"] == "anna"


def test_one_hour_is_one_item_and_the_next_another(api: Api, clock: Clock) -> None:
    session = api.init("f-1")
    for _ in range(4):
        api.identify(session, "undefined")
        clock.forward(minutes=25)
    latest, first = api.get("warnings")["items"]
    assert (first["at"], first["lastSeen"]) == ("2026-03-04T12:00:00.000Z", "2026-03-04T12:50:00.000Z")
    assert (latest["at"], latest["lastSeen"]) == ("2026-03-04T13:15:00.000Z", "2026-03-04T13:15:00.000Z")
    assert (first["count"], latest["count"]) == (3, 1)


def test_twins_that_race_make_one(database: Database, graph: Graph) -> None:
    warned = Warned("placeholder_user_id", "undefined", "why", given.NOON)
    with ThreadPoolExecutor(8) as racing:
        list(racing.map(lambda _: database.write(warnings.record, [warned]), range(40)))
    assert graph.rows("MATCH (w:Warning) WHERE w.subject <> '' RETURN w.count AS count") == [{"count": 40}]


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_the_list_is_newest_first_and_whole_by_pages_of_any_size(api: Api, clock: Clock, limit: str) -> None:
    for number in range(3):
        session = api.init("f-1")
        for name in ("null", "undefined"):
            api.identify(session, name)
        api.identify(session, "anna", userHash="wrong", expect=403)
        clock.forward(hours=1, minutes=number)
    items = api.pages("warnings", limit=limit)
    assert len(items) == 9
    assert items == sorted(items, key=lambda one: (one["at"], one["warningId"]), reverse=True)
    of_one = api.pages("warnings", limit=limit, code="user_hash_invalid")
    assert of_one == [warning for warning in items if warning["code"] == "user_hash_invalid"]
    assert len(of_one) == 3


def test_the_list_has_bounds_in_time(api: Api, clock: Clock) -> None:
    session = api.init("f-1")
    for name in ("null", "nil", "none"):
        api.identify(session, name)
        clock.forward(minutes=10)
    between = {"from": "2026-03-04T12:10:00.000Z", "to": "2026-03-04T12:20:00.000Z"}
    assert [subject for _, subject, _ in listed(api, **between)] == ["nil"]
    assert [subject for _, subject, _ in listed(api, **between, code="placeholder_user_id")] == ["nil"]
    assert listed(api, code="no_such_code") == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"cursor": "x"}, {"cursor": "WzFd"}, {"from": "noon"}])
def test_a_query_that_is_none_is_refused(api: Api, query: dict[str, str]) -> None:
    assert api.get("warnings", expect=400, **query)["code"] == "malformed_query"


def test_tokens_and_signatures_of_the_key_before_still_hold(
    settings: Settings, database: Database, clock: Clock, api: Api
) -> None:
    session = api.init(anonymousId="a-1")
    changed = replace(settings, secret_key="another-key-" * 4, secret_key_previous=SECRET_KEY)
    after = Api(create_app(changed, database, clock=clock), api.keys)
    again = after.init(visitorToken=session["visitorToken"])
    assert again["visitorId"] == session["visitorId"]
    assert again["visitorToken"] != session["visitorToken"]
    signature = hmac.digest(api.keys.signing_secret.encode(), b"anna", "sha256").hex()
    assert after.identify(again, "anna", userHash=signature)["verified"] is True

    forgotten = Api(create_app(replace(changed, secret_key_previous=None), database, clock=clock), api.keys)
    assert forgotten.init(visitorToken=again["visitorToken"])["visitorId"] == session["visitorId"]
    assert forgotten.init(visitorToken=session["visitorToken"])["visitorId"] != session["visitorId"]
    forgotten.identify(again, "anna", userHash=signature, expect=403)


def test_more_subjects_than_an_hour_may_have_are_one_item_that_counts_them(
    api: Api, clock: Clock, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "SUBJECTS_MAX", 2)
    session = api.init("f-1")
    for user in ("null", "undefined", "NaN", "none", "null", "NaN"):
        assert api.identify(session, user)["warnings"] == ["placeholder_user_id"]
    assert sorted(listed(api)) == [
        ("placeholder_user_id", "", 3),
        ("placeholder_user_id", "null", 2),
        ("placeholder_user_id", "undefined", 1),
    ]
    assert listed(api, code="placeholder_user_id") == listed(api)
    assert graph.count("Warning") == 3
    [more] = [item for item in api.pages("warnings") if not item["subject"]]
    assert "further subjects" in more["detail"]

    clock.forward(hours=1)
    again = api.init("f-1")
    api.identify(again, "NaN")
    assert ("placeholder_user_id", "NaN", 1) in listed(api)


def test_subjects_that_race_for_the_last_place_leave_no_more_than_there_are(
    database: Database, graph: Graph, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "SUBJECTS_MAX", 10)

    def record(first: int) -> None:
        noted = [Warned("odd", f"subject {(first + number) % 40}", "why", clock()) for number in range(20)]
        database.write(warnings.record, noted)

    with ThreadPoolExecutor(4) as racing:
        list(racing.map(record, range(0, 80, 10)))
    [hour] = graph.rows("MATCH (w:Warning {subject: ''}) RETURN w.subjects AS subjects, w.count AS more")
    [rest] = graph.rows("MATCH (w:Warning) WHERE w.subject <> '' RETURN count(w) AS subjects, sum(w.count) AS counted")
    assert hour["subjects"] == rest["subjects"] == 10
    assert hour["more"] + rest["counted"] == 8 * 20
