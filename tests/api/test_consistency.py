"""A check finds each kind of damage, with its ids, repairs what follows from other facts, and sees nobody else's."""

import random

import pytest

from app.services import consistency
from graph.database import Database
from tests import given
from tests.graph.test_claims import MINUTES, POLICY, Walk
from tests.world import IPHONE, Answer, Api, Clock, Graph, Json


def check(api: Api, *, repair: bool = False) -> list[Json]:
    """What is found, as kind, ids and whether it was repaired."""
    answer = api.change("consistency", "check", repair=repair)
    assert answer["findingsLeftOut"] == 0
    found: list[Json] = answer["findings"]
    assert all(one["detail"] for one in found)
    return [{"kind": one["kind"], **one["ids"], "repaired": one["repaired"]} for one in found]


def told(api: Api, clock: Clock) -> dict[str, Answer]:
    """Two laptops that look alike, a phone, two logins in one browser, a merge, a split, a release and a statement."""
    laptop = api.init("f-1")
    api.track(laptop)
    clock.forward(minutes=1)
    api.identify(laptop, "anna")
    again = api.init("f-1", visitorToken=laptop["visitorToken"], userId="anna")
    clock.forward(minutes=1)
    api.identify(again, "ben")
    api.track(again, "late", timestamp="2026-03-04T12:00:30.000Z")
    alike = api.init("f-1")
    api.track(alike)
    clock.forward(minutes=1)
    phone = api.init("f-2", agent=IPHONE)
    api.identify(phone, "anna")
    other = api.init("f-3")
    api.identify(other, "anna")
    api.track(None, userId="anna", secret=True)
    clock.forward(minutes=1)
    api.change("visitors", other["visitorId"], "merge", into=phone["visitorId"])
    gone = api.init("f-4")
    api.identify(gone, "carl")
    api.change("visitors", gone["visitorId"], "merge", into=laptop["visitorId"], force=True, reason="a test")
    clock.forward(minutes=1)
    api.change("visitors", gone["visitorId"], "split")
    api.remove("users", "carl", "visitors", gone["visitorId"])
    api.put("users", "dora", "visitors", laptop["visitorId"], confidence=70)
    return {"laptop": laptop, "again": again, "phone": phone, "other": other, "gone": gone}


def test_a_healthy_graph_has_nothing_to_report(api: Api, clock: Clock) -> None:
    told(api, clock)
    answer = api.change("consistency", "check")

    assert answer.json["findings"] == []
    assert answer["checked"]["visitors"] >= 4
    assert answer["checked"]["events"] > 5
    assert api.change("consistency", "check", repair=True)["findings"] == []


@pytest.mark.parametrize("seed", range(3))
def test_wherever_a_walk_leads_there_is_nothing_to_report(
    seed: int, database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(database, graph, random.Random(seed))  # noqa: S311 - a walk one can repeat
    for _ in range(MINUTES):
        walk.step()
    monkeypatch.setattr(consistency, "PAGE", 7)
    report = consistency.act(database, consistency.Check(given.TENANT, POLICY, False, given.NOON, "job:test", str))

    assert report.findings == []
    for label, name in (("Visitor", "visitors"), ("Tenure", "tenures"), ("Session", "sessions"), ("Event", "events")):
        assert report.checked[name] == graph.count(label)
