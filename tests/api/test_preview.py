"""`python -m app policy preview` says what another policy would change; changes of the policy are kept and taken back."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app import key_ring
from app.calls import policy as policy_calls
from graph.acts import preview
from graph.acts.preview import WhatIf
from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.previewing import is_sampled
from tests.api.test_visibility import hide
from tests.world import Answer, Api, Clock, Done, Graph, Json

HOME = "203.0.113.20"
Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def today(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands go by the time of today, and the service by each change of the policy at once."""
    clock.time = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)


@pytest.fixture
def home(api: Api) -> list[Answer]:
    """Anna's laptop, and another one of the same kind at her address that is probably hers."""
    hers = api.init("laptop", address=HOME)
    api.identify(hers, "anna", address=HOME)
    return [hers, api.init("another", address=HOME)]


def whose(api: Api, visit: Answer) -> str | None:
    identity_id = str(api.get("visitors", visit["visitorId"])["identityId"])
    return identity_id if identity_id.startswith("usr_") else None


def test_what_is_told_is_what_happens(api: Api, home: list[Answer], command: Command, graph: Graph) -> None:
    before = [whose(api, visit) for visit in home]
    everything = graph.rows("MATCH (n) RETURN count(n) AS nodes")
    done = command("policy", "preview", "shop", "--set", "confidence_min=0.95", "--json")
    told = json.loads(done.out)
    assert "visitors" in done.err
    assert (
        told["visitors"],
        told["looked_at"],
        told["counts"]["joins"],
        told["counts"]["parts"],
        told["moves"][0]["change"],
    ) == (
        2,
        2,
        0,
        1,
        "parts",
    )
    [move] = told["moves"]
    assert (move["visitor"], move["from"]) == (home[1]["visitorId"], "user:anna")
    assert move["to"] == f"visitor:{home[1]['visitorId']}"
    # Nothing changed.
    assert graph.rows("MATCH (n) RETURN count(n) AS nodes") == everything
    assert [whose(api, visit) for visit in home] == before

    assert command("policy", "set", "shop", "confidence_min=0.95", "--reason", "too many strangers").code == 0
    assert [whose(api, visit) for visit in home] == [before[0], None]
    told = json.loads(command("policy", "preview", "shop", "--set", "confidence_min=0.3", "--json").out)
    assert (told["counts"]["joins"], told["counts"]["parts"]) == (1, 0)
    table = command("policy", "preview", "shop", "--set", "confidence_min=0.3").out
    assert "joins" in table
    assert "user:anna" in table


def test_evidence_is_weighed_by_the_other_policy(api: Api, home: list[Answer], command: Command) -> None:
    api.init("third", address=HOME)
    command("policy", "set", "shop", "confidence_min=0.05")
    assert whose(api, home[1]) is not None
    crowded = json.loads(command("policy", "preview", "shop", "--set", "address_crowd=2", "--json").out)
    assert home[1]["visitorId"] in {move["visitor"] for move in crowded["moves"] if move["change"] == "parts"}
    command("policy", "set", "shop", "address_crowd=2")
    assert whose(api, home[1]) is None
    same = json.loads(command("policy", "preview", "shop", "--set", "session_idle_minutes=10", "--json").out)
    assert (same["moves"], same["counts"]["surer"], same["counts"]["less_sure"]) == ([], 0, 0)


def test_relationships_that_would_fade_are_counted(api: Api, clock: Clock, command: Command) -> None:
    clock.forward(days=-100)
    api.identify(api.init("old"), "anna")
    clock.forward(days=100)
    told = json.loads(command("policy", "preview", "shop", "--set", "relationship_half_life_days=10", "--json").out)
    assert (told["relationships"], told["fading_before"], told["fading_after"]) == (1, 0, 1)


@pytest.mark.parametrize(("days", "left"), [(55, 1), (56, 0)])
def test_what_would_fade_is_what_the_sweep_closes(
    api: Api, clock: Clock, command: Command, days: int, left: int
) -> None:
    """95 is 2.1 after 55 days with a half-life of 10, and 1.96 after 56; the bound is 2."""
    clock.forward(days=-days)
    api.identify(api.init("old"), "anna")
    clock.forward(days=days)
    told = json.loads(command("policy", "preview", "shop", "--set", "relationship_half_life_days=10", "--json").out)
    assert told["fading_after"] == 1 - left
    command("policy", "set", "shop", "relationship_half_life_days=10")
    for job in ("rerank", "sweep"):
        command("jobs", "run", "shop", job)
    assert len(api.pages("users", "anna", "visitors")) == left


def test_who_is_hidden_is_not_named(api: Api, home: list[Answer], command: Command) -> None:
    hide(api, "anna")
    told = json.loads(command("policy", "preview", "shop", "--set", "confidence_min=0.95", "--json").out)
    assert "anna" not in json.dumps(told)
    assert told["counts"]["parts"] == 0


def test_a_sample_is_a_part_of_all(api: Api, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        api.init(f"f-{number}")
    monkeypatch.setattr(preview, "BATCH", 2)
    monkeypatch.setattr(preview, "IDS_BATCH", 5)
    seen: list[int] = []
    whole = preview.act(database, WhatIf(Policy(), Policy(), clock()), seen.append)
    assert (whole.visitors, whole.looked_at) == (12, 12)
    assert seen == sorted(seen)
    assert seen[-1] == 12
    half = preview.act(database, WhatIf(Policy(), Policy(), clock(), share=0.5))
    assert half.visitors == 12
    assert half.looked_at < 12


def test_changes_of_the_policy_are_in_the_audit_trail_and_are_taken_back(api: Api, command: Command) -> None:
    assert command("policy", "undo", "shop").code == 1
    command("policy", "set", "shop", "address_crowd=50", "kiosk_users=4", "--reason", "an office")
    command("policy", "set", "shop", "address_crowd=60")
    command("policy", "reset", "shop", "kiosk_users")
    entries = api.pages("audit", about="tenant:shop")
    assert [(entry["act"], entry["before"], entry["after"]) for entry in entries] == [
        ("policy", {"kiosk_users": 4}, {"kiosk_users": None}),
        ("policy", {"address_crowd": 50}, {"address_crowd": 60}),
        ("policy", {"address_crowd": None, "kiosk_users": None}, {"address_crowd": 50, "kiosk_users": 4}),
    ]
    assert entries[-1]["reason"] == "an office"
    assert entries[-1]["actor"] == "job:policy"

    undone = command("policy", "undo", "shop", "--reason", "a slip")
    assert undone.out == "as before for shop: kiosk_users=4\n"
    assert json.loads(command("policy", "show", "shop", "--json").out)["kiosk_users"] == 4
    again = command("policy", "undo", "shop")
    assert again.out == "as before for shop: kiosk_users=default\n"
    # What changes nothing leaves no entry.
    command("policy", "set", "shop", "address_crowd=60")
    assert len(api.pages("audit", about="tenant:shop")) == 5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("preview", "nobody", "--set", "kiosk_users=4"), "there is no tenant nobody"),
        (("preview", "shop"), "Missing option '--set'"),
        (("preview", "shop", "--set", "crowd=3"), "the policy has no field crowd"),
        (("preview", "shop", "--set", "address_crowd=1"), "address_crowd is from 2 to 1000, not 1"),
        (("preview", "shop", "--set", "address_crowd=3", "--sample", "0"), "0<x<=100"),
        (("undo", "shop"), "the policy was not changed yet"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_previewed_is_said_in_a_line(
    command: Command, api: Api, words: tuple[str, ...], says: str
) -> None:
    done = command("policy", *words)
    assert done.code != 0
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_call_tells_what_the_command_tells_and_changes_nothing(
    api: Api, home: list[Answer], command: Command, graph: Graph
) -> None:
    everything = graph.rows("MATCH (n) RETURN count(n) AS nodes")
    told = api.change("policy", "preview", set={"confidence_min": 0.95}).json
    by_command = json.loads(command("policy", "preview", "shop", "--set", "confidence_min=0.95", "--json").out)
    assert told == {
        "visitors": 2,
        "lookedAt": 2,
        "cutBy": None,
        "counts": {"joins": 0, "parts": 1, "moves": 0, "surer": 0, "lessSure": 0},
        "relationships": 1,
        "fadingBefore": 0,
        "fadingAfter": 0,
        "moves": by_command["moves"],
    }
    assert (by_command["counts"]["joins"], by_command["counts"]["parts"]) == (0, 1)
    assert graph.rows("MATCH (n) RETURN count(n) AS nodes") == everything
    assert api.change("policy", "preview", set={"confidence_min": 0.95}, limit=0)["moves"] == []
    # Null is the default, which is in force.
    assert api.change("policy", "preview", set={"confidence_min": None})["counts"]["parts"] == 0


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"set": {"crowd": 3}}, "crowd", "The policy has no field crowd: it has address_claims_per_hour"),
        ({"set": {"address_crowd": 1}}, "address_crowd", "The policy's address_crowd is from 2 to 1000, not 1."),
        ({"set": {"address_crowd": "3"}}, "address_crowd", "The policy's address_crowd is a int, not '3'."),
        ({"set": {}}, None, "Name at least one field"),
        ({}, None, "Missing data"),
        ({"set": {"address_crowd": 3}, "sample": 0}, "sample", "greater than 0"),
        ({"set": {"address_crowd": 3}, "sample": 101}, "sample", "less than or equal to 100"),
        ({"set": {"address_crowd": 3}, "limit": 1001}, "limit", "less than or equal to 1000"),
    ],
    ids=str,
)
def test_a_preview_that_cannot_be_made_says_which_field_to_change(
    api: Api, sent: Json, field: str | None, says: str
) -> None:
    answer = api.change("policy", "preview", expect=422, **sent)
    assert answer["code"] == "invalid_request"
    errors = answer["errors"]
    assert says in str(errors)
    assert field is None or field in {*errors, *errors.get("set", {})}


def test_more_visitors_than_a_call_looks_at_are_an_even_sample_of_them(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor_ids = [api.init(f"f-{number}")["visitorId"] for number in range(12)]
    monkeypatch.setattr(policy_calls, "VISITORS_MAX", 5)
    monkeypatch.setattr(preview, "IDS_BATCH", 4)
    told = api.change("policy", "preview", set={"kiosk_users": 4})
    assert (told["visitors"], told["lookedAt"], told["cutBy"]) == (12, 5, "number")
    monkeypatch.setattr(policy_calls, "VISITORS_MAX", 100)
    share = api.change("policy", "preview", set={"kiosk_users": 4}, sample=50)
    assert share["lookedAt"] == sum(is_sampled(visitor_id, 0.5) for visitor_id in visitor_ids)
    assert share["cutBy"] is None


@pytest.mark.parametrize(
    ("ids_batch", "jumps", "counted", "looked_at"), [(100, {}, 6, 4), (2, {}, 4, 2), (100, {80.0: 95.0}, 6, 2)]
)
def test_a_preview_whose_time_is_over_tells_of_those_that_it_looked_at(
    api: Api,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ids_batch: int,
    jumps: dict[float, float],
    counted: int,
    looked_at: int,
) -> None:
    """Each look at the clock takes 10 of 80 s. Counting ends after 32 s, and looking after 64 s, or in a transaction."""
    for number in range(6):
        api.init(f"f-{number}")
    monkeypatch.setattr(preview, "BATCH_OF_CALL", 2)
    monkeypatch.setattr(preview, "IDS_BATCH", ids_batch)
    what_if = WhatIf(Policy(), Policy(), datetime.now(UTC))
    ticks = itertools.count(10.0, 10.0)
    clock = (jumps.get(tick, tick) for tick in ticks)
    told = preview.within(database, what_if, seconds=80.0, most=100, timer=lambda: next(clock))
    assert (told.visitors, told.looked_at, told.cut_by) == (counted, looked_at, "time")
