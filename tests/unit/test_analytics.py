"""What is counted by day, from entries of the audit trail, visits and numbers."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from graph.rules.analytics import AuditedChange, Changes, RecognisedVisit, Visits, bucket, due, first_logins, numbers

TODAY = date(2026, 3, 14)


def related(confidence: float, source: str = "claimed") -> dict[str, Any]:
    return {"userId": "anna", "visitorId": "vis_1", "confidence": confidence, "count": 1, "source": source}


def entry(act: str, before: object, after: object, number: int = 0) -> AuditedChange:
    sides = [None if side is None else json.dumps(side) for side in (before, after)]
    return AuditedChange(f"chg_1_{number}", "chg_1", act, sides[0], sides[1])


@pytest.mark.parametrize(
    ("act", "before", "after", "expected"),
    [
        ("init", None, related(50, "collected"), ("made", "collected")),
        ("put_relationship", related(50), related(95, "stated"), ("strengthened", "stated")),
        ("put_relationship", related(95, "stated"), related(40, "stated"), ("weakened", "stated")),
        ("track", related(50), related(50), ("strengthened", "claimed")),
        ("sweep", related(3), None, ("faded", "claimed")),
        ("release", {**related(80, "verified"), "claims": 2}, None, ("removed", "verified")),
        ("release", {"claims": 1}, None, None),
        ("merge", {"visitorId": "vis_1", "userIds": ["anna"]}, {"visitorId": "vis_2"}, None),
        ("repair", {"findings": []}, {"findings": []}, None),
    ],
)
def test_a_change_of_a_relationship_is_counted_by_its_surest_source(
    act: str, before: object, after: object, expected: tuple[str, str] | None
) -> None:
    changes = Changes()
    changes.add([entry(act, before, after), entry(act, before, after, number=1)])
    assert changes.relationships == Counter([expected] if expected else [])


def test_a_login_counts_as_its_relationship_and_is_kept_if_that_is_new() -> None:
    first = entry("identify", {"relationship": None, "userId": None}, {"relationship": related(50), "login": "first"})
    again = entry("identify", {"relationship": related(50)}, {"relationship": related(55), "login": "again"})
    changes = Changes()
    changes.add([first, again])
    assert changes.relationships == {("made", "claimed"): 1, ("strengthened", "claimed"): 1}
    claiming = entry("put_relationship", None, {**related(95, "stated"), "claimed": {"login": "second"}})
    collected = entry(
        "identify", {"relationship": related(70, "collected")}, {"relationship": related(95), "login": "first"}
    )
    changes.add([claiming, collected])
    assert changes.logins == {"anna": ["chg_1"] * 3}


@pytest.mark.parametrize(
    ("act", "after", "expected"),
    [
        (
            "init",
            {"tenureId": "ten_2", "tiedTo": "ten_1", "method": "fingerprint", "confidence": 0.8},
            ("tied", "fingerprint"),
        ),
        ("visibility", {"userId": "anna", "visible": False}, ("hidden", "")),
        ("visibility", {"userId": "anna", "visible": True}, ("shown", "")),
        ("merge", {"visitorId": "vis_2"}, ("merged", "")),
        ("accept", {"candidateId": "can_1", "state": "accepted"}, ("accepted", "")),
        ("erase", None, ("erased", "")),
        ("visibility", None, None),
    ],
)
def test_a_change_of_who_is_who_is_counted(act: str, after: object, expected: tuple[str, str] | None) -> None:
    changes = Changes()
    changes.add([entry(act, None, after)])
    assert changes.identities == ({expected: 1} if expected else {})


def test_visits_count_by_method_and_once_for_each_visitor_and_identity() -> None:
    visits = Visits()
    visits.add(
        [
            RecognisedVisit("new", 0.0, False, "vis_1", "ten_1", False),
            RecognisedVisit("token", 1.0, False, "vis_1", "usr_1", True),
            RecognisedVisit("token", 0.95, False, "vis_2", "usr_1", True),
            RecognisedVisit("token", 1.0, True, "vis_3", "ten_3", False),
            RecognisedVisit("token", 1.0, False, None, None, None),
        ]
    )
    assert visits.methods == {("new", "0"): 1, ("token", "91-100"): 2}
    assert visits.reach() == {
        ("sessions", ""): 3,
        ("visitors", ""): 2,
        ("identities", ""): 2,
        ("users", ""): 1,
    }


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        (0, "0"),
        (0.004, "0"),
        (0.01, "1-10"),
        (0.1, "1-10"),
        (0.11, "11-20"),
        (0.904, "81-90"),
        (0.905, "91-100"),
        (1, "91-100"),
    ],
)
def test_confidence_is_in_buckets_of_ten_percent(confidence: float, expected: str) -> None:
    assert bucket(confidence) == expected


def test_first_logins_are_counted_by_how_long_they_took() -> None:
    assert first_logins([0, 60, 61, 86_400, 86_401, 10_000_000]) == {
        ("1 min", ""): 2,
        ("30 min", ""): 1,
        ("1 d", ""): 1,
        ("7 d", ""): 1,
        ("longer", ""): 1,
    }


def test_large_numbers_are_counted_together() -> None:
    assert numbers("devices_of_user", {1: 9, 6: 2, 10: 1, 11: 3, 5000: 1}) == {
        ("devices_of_user", "1"): 9,
        ("devices_of_user", "6-10"): 3,
        ("devices_of_user", "11-100"): 3,
        ("devices_of_user", "101-"): 1,
    }


@pytest.mark.parametrize(
    ("last", "first", "kept", "count"),
    [
        # It began today, and a while ago.
        (None, 0, 1000, 1),
        (None, 300, 1000, 301),
        # Today was counted, yesterday was, and the last run is a while ago.
        (0, 100, 1000, 2),
        (1, 100, 1000, 9),
        (20, 100, 1000, 28),
        # Sessions of before yesterday may be removed; so may those of today.
        (1, 100, 1, 2),
        (20, 100, 1, 21),
        (0, 100, 0, 1),
        (0, 100, -1, 1),
    ],
)
def test_late_days_are_counted_again_while_their_sessions_are_kept(
    last: int | None, first: int, kept: int, count: int
) -> None:
    days = due(None if last is None else ago(last), ago(first), ago(kept), TODAY, timedelta(days=7))
    assert len(days) == count
    assert days[-1] == TODAY


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)
