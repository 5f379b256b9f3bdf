"""`python -m app policy` shows and sets a tenant's policy."""

import dataclasses
import json
import re
from collections.abc import Callable

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
