"""GET /analytics/{report} answers what the job counted by day."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import jobs
from graph.acts import analytics
from graph.database import Database
from graph.rules.policy import Policy
from tests.world import IPHONE, Api, Clock, Done, Graph

_numbers = itertools.count()

Count = Callable[[], int | None]


@pytest.fixture
def count(database: Database, api: Api, clock: Clock) -> Count:
    def run() -> int | None:
        return jobs.run(database, api.keys.tenant_id, "analytics", clock=clock, new_id=lambda: f"{next(_numbers):06d}")

    return run


def counts(api: Api, report: str, **days: Any) -> dict[tuple[Any, ...], int]:
    """The rows of a report: the count by day and what the report divides by."""
    answer = api.get("analytics", report, **days)
    *by, last = answer["columns"]
    return {tuple(row[name] for name in by): row[last] for row in answer["rows"]}


FIRST, SECOND = "2026-03-04", "2026-03-05"


@pytest.fixture
def two_days(api: Api, clock: Clock) -> None:
    """Anna looks around and logs in the next day on two devices; a hand-over, a statement, a removal and a merge follow."""
    api.init("laptop", address="203.0.113.20")
    clock.forward(days=1)
    laptop = api.init("laptop", address="203.0.113.20")
    api.identify(laptop, "anna", address="203.0.113.20")
    phone = api.init("phone", agent=IPHONE, address="198.51.100.7")
    api.identify(phone, "anna", agent=IPHONE, address="198.51.100.7")
    api.identify(phone, "ben", agent=IPHONE, address="198.51.100.7")
    clock.forward(minutes=1)
    api.put("users", "anna", "visitors", phone["visitorId"], confidence=5)
    api.remove("users", "ben", "visitors", phone["visitorId"])
    api.change("visitors", phone["visitorId"], "merge", into=laptop["visitorId"])


@pytest.mark.usefixtures("two_days")
def test_each_report_tells_what_happened_on_each_day(api: Api, count: Count) -> None:
    assert count() == 2
    assert counts(api, "relationships") == {
        (SECOND, "made", "claimed"): 3,
        (SECOND, "weakened", "stated"): 1,
        (SECOND, "removed", "claimed"): 1,
    }
    assert counts(api, "identities") == {(SECOND, "merged", ""): 1, (SECOND, "tied", "fingerprint"): 1}
    visits = counts(api, "visits")
    assert {key[:2]: value for key, value in visits.items()} == {
        (FIRST, "new"): 1,
        # Ben's login began a session of his own on the phone.
        (SECOND, "new"): 2,
        (SECOND, "fingerprint"): 1,
    }
    reach = counts(api, "reach")
    assert {key: reach[key] for key in reach if key[0] == FIRST} == {
        (FIRST, "sessions"): 1,
        (FIRST, "visitors"): 1,
        (FIRST, "identities"): 1,
        # By today's knowledge the first visit was Anna's.
        (FIRST, "users"): 1,
    }
    assert counts(api, "first_logins") == {(SECOND, "1 d"): 1}
    assert counts(api, "devices") == {
        (SECOND, "devices_of_user", "1"): 1,
        (SECOND, "users_of_device", "1"): 1,
    }
    assert sum(counts(api, "confidence").values()) == 1


@pytest.mark.usefixtures("two_days")
def test_counting_again_changes_nothing_and_counts_what_came_late(
    api: Api, count: Count, clock: Clock, graph: Graph
) -> None:
    count()
    before = {name: counts(api, name) for name in ("relationships", "identities", "visits", "reach", "first_logins")}
    clock.forward(minutes=1)
    assert count() == 2
    assert {name: counts(api, name) for name in before} == before
    yesterday = clock() - timedelta(days=1)
    api.init("tablet", timestamp=yesterday.isoformat(), secret=True)
    assert count() == 2
    assert counts(api, "reach")[FIRST, "sessions"] == 2
    # The next day, all days are counted again on which a visit may still begin.
    clock.forward(days=1)
    assert count() == 32
    assert counts(api, "reach")[FIRST, "sessions"] == 2
    assert {name: counts(api, name) for name in ("relationships", "identities", "first_logins")} == {
        name: before[name] for name in ("relationships", "identities", "first_logins")
    }


def test_a_first_login_counts_after_a_collected_id_and_by_a_statement_that_claims(
    api: Api, count: Count, clock: Clock
) -> None:
    laptop = api.init("laptop", userId="anna")
    phone = api.init("phone", agent=IPHONE)
    clock.forward(minutes=10)
    api.identify(laptop, "anna")
    api.put("users", "ben", "visitors", phone["visitorId"], confidence=90, claim=True)
    clock.forward(minutes=10)
    # Neither is a first login any more.
    api.identify(api.init("tablet"), "anna")
    api.identify(phone, "ben", agent=IPHONE)
    count()
    assert counts(api, "first_logins") == {(FIRST, "30 min"): 2}


def test_more_than_a_page_is_counted_once(
    api: Api, count: Count, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        api.identify(api.init(f"f-{number}", address=f"203.0.113.{number}"), f"user-{number}")
    for batch in (1, 3, 7):
        monkeypatch.setattr(analytics, "BATCH", batch)
        monkeypatch.setattr(analytics, "USERS_BATCH", batch)
        analytics.act(database, Policy(), clock())
        assert counts(api, "relationships") == {(FIRST, "made", "claimed"): 7}
        assert counts(api, "reach")[FIRST, "identities"] == 7
        assert counts(api, "first_logins") == {(FIRST, "1 min"): 7}


def test_a_day_without_anything_is_counted_and_one_before_the_first_is_not(
    api: Api, count: Count, clock: Clock
) -> None:
    assert count() == 1
    assert set(counts(api, "reach").values()) == {0}
    answer = api.get("analytics", "reach")
    assert answer["to"] == FIRST
    assert answer["from"] == "2026-02-03"
    assert answer["countedAt"] == "2026-03-04T12:00:00.000Z"
    assert api.get("analytics", "reach", to="2026-03-03")["countedAt"] is None
    # A day without changes was counted, too.
    quiet = api.get("analytics", "identities")
    assert (quiet["rows"], quiet["countedAt"]) == ([], answer["countedAt"])


def test_another_tenants_counts_are_its_own(api: Api, other_api: Api, count: Count) -> None:
    other_api.init("f-1")
    count()
    assert set(counts(api, "reach").values()) == {0}
    assert counts(other_api, "reach") == {}


def test_days_are_checked_and_a_report_comes_as_csv(api: Api, count: Count) -> None:
    api.init("f-1")
    count()
    assert [one["name"] for one in api.get("analytics")["items"]][:2] == ["relationships", "identities"]
    assert api.get("analytics", "sales", expect=404)["code"] == "report_not_found"
    assert api.get("analytics", "reach", to="yesterday", expect=400)["errors"].keys() == {"to"}
    wrong: dict[str, Any] = {"from": "2026-03-05", "to": "2026-03-04"}
    assert api.get("analytics", "reach", expect=400, **wrong)["errors"].keys() == {"from"}
    early, late = "0001-01-01", "9999-12-31"
    for end, day, status in (("from", early, 200), ("to", early, 200), ("to", late, 200), ("from", late, 400)):
        days: dict[str, Any] = {end: day}
        assert api.get("analytics", "reach", expect=status, **days).json.get("rows", []) == []
    response = api.app.test_client().get(
        "/api/v1/analytics/reach?format=csv", headers={"Authorization": f"Bearer {api.keys.secret_key}"}
    )
    assert response.content_type == "text/csv; charset=utf-8"
    lines = response.text.splitlines()
    assert lines[0] == "day,kind,count"
    assert f"{FIRST},sessions,1" in lines


def test_the_command_counts_with_progress_and_prints_a_report(
    api: Api, clock: Clock, command: Callable[..., Done]
) -> None:
    clock.time = datetime.now(UTC).replace(microsecond=0)
    api.identify(api.init("f-1"), "anna")
    tenant = api.keys.tenant_id
    done = command("analytics", tenant, "reach", "--count", "--csv")
    assert "days" in done.err
    assert done.out.splitlines()[0] == "day,kind,count"
    answered = json.loads(command("analytics", tenant, "reach", "--json").out)
    assert {row["kind"]: row["count"] for row in answered["rows"]} == {
        "identities": 1,
        "sessions": 1,
        "users": 1,
        "visitors": 1,
    }
    assert "first_logins" in command("analytics", tenant).out
    assert "none" in command("analytics", tenant, "reach", "--to", "2020-01-01").err
    refused = command("analytics", tenant, "reach", "--from", "2020-01-01", "--to", "2026-01-01")
    assert (refused.code, refused.out) == (2, "")
    assert "0 to 399 days" in refused.err
    again = command("analytics", tenant, "--count", "--from", f"{clock() - timedelta(days=3):%Y-%m-%d}")
    assert "days: 4" in again.err
