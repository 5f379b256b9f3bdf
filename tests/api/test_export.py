"""Export: everything about a person comes, line by line, and nothing about anybody else."""

import json
from collections import Counter
from typing import Any

import pytest

from graph.acts import export
from tests.api.test_erase import MARK, leave_marks
from tests.world import Api, Clock, Graph


def exported(api: Api, *path: str, expect: int = 200) -> list[dict[str, Any]]:
    answer = api.app.test_client().get(
        f"/api/v1/{'/'.join(path)}/export", headers={"Authorization": f"Bearer {api.keys.secret_key}"}
    )
    assert answer.status_code == expect
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()] if expect == 200 else []


def kinds(lines: list[dict[str, Any]]) -> Counter[str]:
    return Counter(line["what"] for line in lines)


@pytest.mark.parametrize("page", [2, 500])
def test_an_export_has_everything_about_a_user_and_nothing_of_others(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(export, "PAGE", page)
    keeper = api.init("f-keeper", address="198.51.100.7")
    api.identify(keeper, "keeper", properties={"email": "keeper@shop.example"})
    leave_marks(api, clock, keeper)
    lines = exported(api, "users", f"{MARK}-user")
    assert lines[-1] == {"what": "end"}
    found = kinds(lines)
    assert set(found) == {
        *("user", "relationship", "tenure", "jar", "session", "collection", "event", "fingerprint", "audit", "warning"),
        "end",
    }
    text = json.dumps(lines)
    for wanted in (f"{MARK}@shop.example", f"{MARK} platform", f"https://{MARK}.example/r", f"caller:{MARK}-anonymous"):
        assert wanted in text
    assert {line["name"] for line in lines if line["what"] == "event"} >= {f"{MARK} event", f"{MARK} late", "identify"}
    assert "keeper@shop.example" not in text
    assert len({line["eventId"] for line in lines if line["what"] == "event"}) == found["event"]


def test_an_export_of_a_visitor_has_all_that_were_merged_with_it(api: Api) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.track(first, "one", properties={"Some_Key": {"a": 1}})
    api.track(second, "other")
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    lines = exported(api, "visitors", first["visitorId"])
    assert kinds(lines)["visitor"] == 2
    events = {line["name"]: line for line in lines if line["what"] == "event"}
    assert events.keys() == {"one", "other"}
    assert events["one"]["properties"] == {"Some_Key": {"a": 1}}
    assert {line["hash"] for line in lines if line["what"] == "fingerprint"} == {"f-1", "f-2"}
    # The answers are as they were on the wire.
    answers = [line["answer"] for line in lines if line["what"] in {"session", "event"}]
    assert {answer["visitorId"] for answer in answers if "visitorId" in answer} == {
        first["visitorId"],
        second["visitorId"],
    }
    assert first["startedAt"] in {answer.get("startedAt") for answer in answers}
    assert "_" not in {letter for answer in answers for name in answer for letter in name}
    tracked = {answer["eventName"]: answer["timestamp"] for answer in answers if "eventName" in answer}
    [event] = [event for event in api.pages("visitors", first["visitorId"], "journey") if event["eventName"] == "one"]
    assert tracked["one"] == event["timestamp"]


def test_no_name_of_an_event_stops_an_export(api: Api) -> None:
    visit = api.init("f-1")
    names = {"2026-99-99T00:00:00+00:00", "2026-01-01T00:00:00+00:00"}
    for name in names:
        api.track(visit, name)
    events = [line for line in exported(api, "visitors", visit["visitorId"]) if line["what"] == "event"]
    assert {event["name"] for event in events} == {event["answer"]["eventName"] for event in events} == names


def test_a_user_is_exported_whom_only_logins_name_that_claimed_nothing(api: Api) -> None:
    api.identify(api.init("f-1"), f"{MARK}-user", onBehalfOf=True)
    [login, end] = exported(api, "users", f"{MARK}-user")
    assert (login["what"], login["namedUserId"], end) == ("event", f"{MARK}-user", {"what": "end"})


def test_nobody_is_exported_who_is_not_there(api: Api, other_api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    assert exported(other_api, "users", "anna", expect=404) == []
    assert exported(other_api, "visitors", visit["visitorId"], expect=404) == []
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    assert exported(api, "users", "anna", expect=404) == []
    key = {"X-Write-Key": api.keys.write_key}
    assert api.app.test_client().get("/api/v1/users/anna/export", headers=key).status_code == 403
