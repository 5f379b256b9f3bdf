"""Tenants and their keys are made on the command line, and the service accepts them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import key_ring
from app.config import Settings
from app.context import service
from graph.acts import tenants
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules.signing_keys import signing_secret
from tests.world import Api, Clock, Done, Graph


def test_a_tenant_made_at_the_terminal_can_call_and_read(command: Callable[..., Done], app: Flask) -> None:
    done = command("tenants", "create", "My Shop", "--json")
    assert (done.code, done.err) == (0, "")
    assert list(done.json) == ["tenantId", "writeKey", "secretKey", "signingSecret"]
    keys = tenants.TenantKeys(*done.json.values())
    assert (keys.tenant_id, keys.write_key[:3], keys.secret_key[:3]) == ("my-shop", "wk_", "sk_")
    api = Api(app, keys)
    api.identify(api.init("fp-1"), "u1")
    assert api.get("users", "u1")["userId"] == "u1"
    with app.app_context():
        assert keys.signing_secret == signing_secret(service().secret_key, "my-shop")


def test_flask_s_own_command_line_makes_tenants_too(command: Callable[..., Done]) -> None:
    done = command("tenants", "create", "shop", "--json", by=("-m", "flask", "--app", "wsgi"))
    assert (done.code, done.json["tenantId"]) == (0, "shop")


def test_a_name_that_is_taken_is_said_to_be_and_changes_nothing(
    command: Callable[..., Done], database: Database, clock: Clock, settings: Settings, graph: Graph
) -> None:
    tenants.create_tenant(database, "My Shop", secret_key=str(settings.secret_key), now=clock())
    done = command("tenants", "create", "my-shop", "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err == "Error: there is a tenant my-shop already, named My Shop\n"
    assert (graph.count("Tenant"), graph.count("ApiKey")) == (1, 2)


def test_keys_are_given_listed_and_taken_at_the_terminal(command: Callable[..., Done], app: Flask, api: Api) -> None:
    added = command("tenants", "keys", "add", "shop", "secret", "--json").json
    more = Api(app, tenants.TenantKeys("shop", api.keys.write_key, added["secretKey"], ""))
    more.get("users", "nobody", expect=404)
    listed = command("tenants", "keys", "list", "shop").out
    assert sorted(line.split("\t")[1] for line in listed.splitlines()) == ["secret", "secret", "write"]
    assert added["secretKey"] not in listed
    used = {line.split("\t")[0]: line.split("\t")[3] for line in listed.splitlines()}
    assert used[added["keyId"]] == "last used 2026-03-04T12:00:00Z"
    assert sorted(used.values()) == ["last used 2026-03-04T12:00:00Z", "never used", "never used"]
    assert command("tenants", "keys", "revoke", "shop", added["keyId"]).code == 0
    [row] = [row for row in command("tenants", "keys", "list", "shop", "--json").json if row["keyId"] == added["keyId"]]
    assert list(row) == ["keyId", "kind", "createdAt", "revokedAt", "lastUsedAt"]
    assert (row["revokedAt"] is None, row["lastUsedAt"]) == (False, "2026-03-04T12:00:00Z")


def test_a_secret_key_is_replaced_while_old_and_new_open(
    command: Callable[..., Done], app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)
    new = Api(
        app,
        replace(api.keys, secret_key=command("tenants", "keys", "add", "shop", "secret", "--json").json["secretKey"]),
    )
    for each in (api, new):
        each.get("users", "nobody", expect=404)
    keys = command("tenants", "keys", "list", "shop", "--json").json
    used = {key["keyId"]: key["lastUsedAt"] for key in keys if key["kind"] == "secret"}
    assert set(used.values()) == {"2026-03-04T12:00:00Z"}
    [old] = [key["keyId"] for key in keys if key["kind"] == "secret" and key["createdAt"] == "2026-03-04T12:00:00Z"]
    assert command("tenants", "keys", "revoke", "shop", old).code == 0
    api.get("users", "nobody", expect=401)
    new.get("users", "nobody", expect=404)


def test_what_differs_for_a_tenant_is_set_at_the_terminal(
    command: Callable[..., Done], api: Api, database: Database
) -> None:
    done = command(
        "tenants", "configure", "shop", "--allowed-origin", "https://Shop.example/", "--addresses", "keyed",
        "--policy", '{"session_idle_minutes": 5}',
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    found = tenants.find_key(database, tenants.key_hash(api.keys.write_key))
    assert found is not None
    assert found.settings == tenants.TenantSettings(allowed_origins=("https://shop.example",), addresses="keyed")
    assert found.policy.session_idle_minutes == 5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("configure", "shop", "--policy", '{"no_such_field": 1}'), "no field no_such_field"),
        (("configure", "shop", "--policy", '{"session_idle_minutes": "long"}'), "session_idle_minutes is a float"),
        (("configure", "shop", "--policy", "{"), "Expecting property name"),
        (("configure", "shop", "--addresses", "none"), "'none' is not one of"),
        (("configure", "nobody", "--addresses", "keyed"), "there is no tenant nobody"),
        (("keys", "add", "nobody", "write"), "there is no tenant nobody"),
        (("keys", "list", "nobody"), "there is no tenant nobody"),
        (("keys", "revoke", "shop", "nothing"), "tenant shop has no key nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_in_a_line_and_not_in_a_traceback(
    command: Callable[..., Done], api: Api, words: tuple[str, ...], says: str
) -> None:
    done = command("tenants", *words)
    assert (done.code in {1, 2}, done.out) == (True, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_name_that_is_blank_makes_no_tenant(command: Callable[..., Done], api: Api) -> None:
    for name in ("", " "):
        done = command("tenants", "create", name)
        assert (done.code, "the name is blank" in done.err) == (2, True)
    assert [row["tenantId"] for row in json.loads(command("tenants", "list", "--json").out)] == [api.keys.tenant_id]


def test_tenants_are_listed(command: Callable[..., Done], api: Api, other_api: Api) -> None:
    assert [row["tenantId"] for row in command("tenants", "list", "--json").json] == ["rival", "shop"]
    assert [line.split("\t")[0] for line in command("tenants", "list").out.splitlines()] == ["rival", "shop"]


def test_with_no_server_running_a_command_says_how_to_start_one(command: Callable[..., Done], tmp_path: Path) -> None:
    done = command("tenants", "list", NEO4J_URI="", DATA_DIR=str(tmp_path / "empty"))
    assert (done.code, done.out) == (1, "")
    assert "no Neo4j runs on" in done.err
    assert "make run" in done.err


def test_with_no_migration_applied_no_tenant_is_made(
    command: Callable[..., Done], graph: Graph, database: Database
) -> None:
    """Without the constraints, two tenants with the same id could be made."""
    applied = graph.rows("MATCH (m:Migration) RETURN properties(m) AS remembered")
    graph.driver.execute_query("MATCH (m:Migration) DELETE m")
    try:
        done = command("tenants", "create", "early")
    finally:
        again = [row["remembered"] for row in applied]
        graph.driver.execute_query("UNWIND $again AS one CREATE (m:Migration) SET m = one", again=again)
    assert (done.code, done.out) == (1, "")
    assert "python -m migrations migrate" in done.err
    assert graph.count("Tenant") == 0


def test_a_wrong_setting_is_named(command: Callable[..., Done]) -> None:
    done = command("tenants", "list", PORT="many")
    assert (done.code, done.err) == (1, "Error: these settings cannot be used: PORT: Not a valid integer.\n")


def test_of_two_that_make_one_tenant_at_once_one_is_told_that_it_is_there(
    database: Database, clock: Clock, graph: Graph
) -> None:

    def create(_: int) -> str:
        try:
            tenants.create_tenant(database, "shop", secret_key="k" * 32, now=clock())
        except Refused as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(8) as making:
        outcomes = list(making.map(create, range(8)))
    assert sorted(outcomes) == ["made"] + ["tenant_exists"] * 7
    assert (graph.count("Tenant"), graph.count("ApiKey")) == (1, 2)


def test_a_setting_that_was_not_changed_stays(database: Database, api: Api) -> None:
    tenants.configure(database, "shop", {"addresses": "keyed"}, {"fingerprint_crowd": 5})
    left = tenants.configure(database, "shop", {"allowed_origins": ("https://shop.example",)}, {"kiosk_users": 4})
    assert left == tenants.TenantSettings(allowed_origins=("https://shop.example",), addresses="keyed")
    found = tenants.find_key(database, tenants.key_hash(api.keys.secret_key))
    assert found is not None
    assert (found.policy.fingerprint_crowd, found.policy.kiosk_users) == (5, 4)


def test_a_tenant_that_is_not_there_cannot_be_set(database: Database) -> None:
    with pytest.raises(NotFound, match="nobody"):
        tenants.configure(database, "nobody", {}, {})
