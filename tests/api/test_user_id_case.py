"""Where a tenant's policy folds the case of user ids, `Anna` and `anna` are one user, in calls, reads and commands."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest

from graph.acts import tenants
from graph.database import Database
from tests.world import Api, Done


@pytest.fixture
def folding(api: Api, database: Database) -> Api:
    tenants.configure(database, "shop", {}, {"user_id_case": "folded"})
    return api


def signature(api: Api, user_id: str) -> str:
    return hmac.digest(api.keys.signing_secret.encode(), user_id.encode(), "sha256").hex()


def test_case_is_part_of_an_id_by_default(api: Api) -> None:
    api.identify(api.init("f-1"), "Anna")
    api.identify(api.init("f-2"), "anna")
    assert {user: api.get("users", user)["userId"] for user in ("Anna", "anna")} == {"Anna": "Anna", "anna": "anna"}
    api.get("users", "ANNA", expect=404)


def test_all_that_names_a_user_finds_one(folding: Api) -> None:
    session = folding.init("f-1", userId="ANNA@shop.example")
    assert folding.identify(session, "Anna@Shop.example")["userId"] == "anna@shop.example"
    other = folding.init("f-2")
    assert folding.identify(other, "aNNA@shop.example")["userId"] == "anna@shop.example"
    assert folding.track(None, "order", userId="ANNA@SHOP.EXAMPLE", secret=True)["userId"] == "anna@shop.example"

    for spelt in ("anna@shop.example", "Anna@shop.example", "ANNA@SHOP.EXAMPLE"):
        assert folding.get("users", spelt)["userId"] == "anna@shop.example"
        assert len(folding.pages("users", spelt, "visitors")) == 3
        assert folding.journey("users", spelt).count("order") == 1
        assert folding.pages("audit", about=f"user:{spelt}")
    pair = folding.put("users", "ANNA@shop.example", "visitors", other["visitorId"], confidence=50)
    assert pair["userId"] == "anna@shop.example"
    folding.remove("users", "Anna@Shop.Example", "visitors", other["visitorId"])
    assert len(folding.pages("users", "anna@shop.example", "visitors")) == 2


@pytest.mark.parametrize("signed", ["Anna", "anna"])
def test_a_signature_may_be_of_the_id_as_sent_or_as_kept(folding: Api, signed: str) -> None:
    session = folding.init("f-1")
    login = folding.identify(session, "Anna", userHash=signature(folding, signed))
    assert (login["userId"], login["verified"]) == ("anna", True)
    refused = folding.identify(session, "Anna", userHash=signature(folding, "ANNA"), expect=403)
    assert refused["code"] == "user_hash_invalid"


@pytest.mark.parametrize("policy", [{}, {"user_id_case": "folded"}])
@pytest.mark.parametrize("variant", ["anna\u00ad", "anna\u200b", " anna", "anna\ufeff"])
def test_a_signature_of_an_account_that_only_looks_like_hers_is_not_hers(
    api: Api, database: Database, policy: dict[str, Any], variant: str
) -> None:
    tenants.configure(database, "shop", {}, policy)
    refused = api.identify(api.init("f-1"), variant, userHash=signature(api, variant), expect=403)
    assert refused["code"] == "user_hash_invalid"
    assert api.identify(api.init("f-2"), variant, userHash=signature(api, "anna"))["verified"] is True


@pytest.mark.parametrize("beside", [{}, {"userId": None}, {"userId": " "}])
def test_a_signature_of_nothing_is_of_no_user(folding: Api, database: Database, beside: dict[str, Any]) -> None:
    tenants.configure(database, "shop", {"identify_verification": "enforce"}, {})
    fingerprint = {"visitorId": "f-1", "metadata": {"userId": "anna"}}
    for nothing in ("None", "null", "", " "):
        answer = folding.init(fingerprint, userHash=signature(folding, nothing), **beside)
        assert answer["warnings"] == ["user_hash_invalid"]
    assert folding.init(fingerprint, userHash=signature(folding, "anna"), **beside)["warnings"] == []


def test_a_command_finds_the_same_user(folding: Api, command: Callable[..., Done]) -> None:
    visitor = folding.init("f-1")
    folding.identify(visitor, "Anna")
    assert command("relationships", "get", "shop", "ANNA", visitor["visitorId"], "--json").json["userId"] == "anna"
    assert len(command("relationships", "list", "shop", "--user", "ANNA", "--json").json["items"]) == 1
    assert command("audit", "shop", "--about", "user:ANNA", "--json").json["items"]
    assert command("relationships", "hide", "shop", "ANNA", "--json").json["userId"] == "anna"
    folding.get("users", "anna", expect=404)
