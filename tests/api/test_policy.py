"""`python -m app policy` and calls show and set a tenant's policy."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from graph.rules.policy import Policy
from tests.world import Api, Done


def test_the_policy_of_a_tenant_is_shown_whole_and_what_was_set_is_in_force(
    command: Callable[..., Done], api: Api
) -> None:
    assert command("policy", "set", "shop", "address_crowd=2", 'placeholder_user_ids=["test"]').code == 0

    shown = json.loads(command("policy", "show", "shop", "--json").out)
    whole = json.loads(json.dumps(dataclasses.asdict(Policy())))
    assert shown == whole | {"address_crowd": 2, "placeholder_user_ids": ["test"]}
    table = command("policy", "show", "shop").out
    assert all(field.name in table for field in dataclasses.fields(Policy))
    assert re.search(r"\| address_crowd +\| 2 +\| 30 +\| 2 to 1000 +\|", table)
    assert "an office, a school or a carrier" in table
    api.init("one", address="203.0.113.9")
    assert api.init("two", address="203.0.113.9")["match"]["method"] == "ip_browser"
    assert api.init("three", address="203.0.113.9")["match"]["method"] == "new"

    assert command("policy", "reset", "shop", "address_crowd").code == 0
    assert json.loads(command("policy", "show", "shop", "--json").out)["address_crowd"] == 30


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "nobody"), "there is no tenant nobody"),
        (("set", "shop", "address_crowd"), "address_crowd is no FIELD=VALUE"),
        (("set", "shop", "address_crowd=1"), "address_crowd is from 2 to 1000, not 1"),
        (("set", "shop", "address_crowd=many"), "address_crowd is a number"),
        (("set", "shop", "user_id_case=lower"), "user_id_case is kept or folded, not 'lower'"),
        (("set", "shop", "crowd=3"), "the policy has no field crowd"),
        (("reset", "shop", "crowd"), "the policy has no field crowd"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_set_is_said_in_a_line(
    command: Callable[..., Done], api: Api, words: tuple[str, ...], says: str
) -> None:
    done = command("policy", *words)
    assert done.code != 0
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_call_lists_the_fields_as_the_command_does(command: Callable[..., Done], api: Api) -> None:
    command("policy", "set", "shop", "address_crowd=2")
    fields = {field["name"]: field for field in api.get("policy")["fields"]}
    shown = json.loads(command("policy", "show", "shop", "--json").out)
    assert {name: field["value"] for name, field in fields.items()} == shown
    assert fields["address_crowd"] == {
        "name": "address_crowd",
        "value": 2,
        "default": 30,
        "least": 2.0,
        "most": 1000.0,
        "choices": None,
        "meaning": "Number of other visitors from which on an address proves nothing: it is an office, a school or a carrier.",
        "byCommandOnly": False,
    }
    assert fields["user_id_case"]["choices"] == ["kept", "folded"]
    assert (fields["reveal_tied_user"]["least"], fields["reveal_tied_user"]["most"]) == (None, None)


def test_a_call_changes_fields_and_its_answer_takes_the_change_back(
    command: Callable[..., Done], api: Api, other_api: Api
) -> None:
    made = api.put("policy", set={"address_crowd": 2, "kiosk_users": 3}, reason="an office", key="once")
    # The default of kiosk_users is 3, but that it was set is a change.
    assert made.json == {
        "before": {"address_crowd": None, "kiosk_users": None},
        "after": {"address_crowd": 2, "kiosk_users": 3},
        "duplicate": False,
    }
    assert value(api, "address_crowd") == 2
    assert value(other_api, "address_crowd") == 30
    again = api.put("policy", set={"address_crowd": 2, "kiosk_users": 3}, reason="an office", key="once")
    assert again.json == {**made.json, "duplicate": True}

    same = api.put("policy", set={"address_crowd": 2})
    assert (same["before"], same["after"]) == ({}, {})
    back = api.put("policy", set=made["before"], reason="Undo")
    assert back["before"] == made["after"]
    assert value(api, "address_crowd") == 30
    entries = api.pages("audit", about="tenant:shop")
    assert [(entry["act"], entry["reason"], entry["after"]) for entry in entries] == [
        ("policy", "Undo", made["before"]),
        ("policy", "an office", made["after"]),
    ]
    assert {entry["actor"].partition(":")[0] for entry in entries} == {"key"}
    assert other_api.pages("audit", about="tenant:rival") == []
    # The command takes a call's change back, too.
    assert command("policy", "undo", "shop").code == 0
    assert value(api, "address_crowd") == 2


@pytest.mark.parametrize("field", ["event_retention_days", "user_id_case", "gpc_is_no_consent", "reveal_tied_user"])
def test_no_call_changes_what_no_change_back_makes_good(api: Api, field: str) -> None:
    answer = api.put("policy", set={field: None, "kiosk_users": 4}, expect=422)
    assert answer["errors"] == {"set": {field: ["Only a command changes this field: python -m app policy set."]}}
    assert value(api, "kiosk_users") == 3
    [listed] = [one for one in api.get("policy")["fields"] if one["name"] == field]
    assert listed["byCommandOnly"]


def test_a_field_that_cannot_be_so_changes_nothing(api: Api) -> None:
    errors = api.put("policy", set={"kiosk_users": 4, "address_crowd": 1, "crowd": 2}, expect=422)["errors"]
    assert errors["set"]["address_crowd"] == ["The policy's address_crowd is from 2 to 1000, not 1."]
    assert errors["set"]["crowd"][0].startswith("The policy has no field crowd")
    assert value(api, "kiosk_users") == 3


def test_a_page_neither_reads_nor_changes_the_policy(api: Api) -> None:
    client, key = api.app.test_client(), {"X-Write-Key": api.keys.write_key}
    for answer in (
        client.get("/api/v1/policy", headers=key),
        client.put("/api/v1/policy", headers=key, json={"set": {"kiosk_users": 4}}),
        client.post("/api/v1/policy/preview", headers=key, json={"set": {"kiosk_users": 4}}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_kind_of_key")


def value(api: Api, name: str) -> Any:
    """Return the value of a field of the policy."""
    [found] = [field["value"] for field in api.get("policy")["fields"] if field["name"] == name]
    return found
