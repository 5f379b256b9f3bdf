"""GET /queries lists the analysts' queries, and /queries/{name} runs one for the tenant of the key."""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from pyarrow import parquet

from graph.acts.tenants import TenantSettings, create_tenant
from graph.database import Database
from graph.store import analysis
from tests.conftest import SECRET_KEY
from tests.world import IPHONE, Api, Clock, Done, Json, utc


def test_each_query_is_listed_with_its_parameters_and_columns(api: Api) -> None:
    items = {item["name"]: item for item in api.get("queries")["items"]}
    assert tuple(items) == analysis.names()
    assert items["journey"]["columns"][0] == analysis.find("journey").columns[0]
    parameters = {each["name"]: each["default"] for each in items["journey"]["parameters"]}
    assert parameters == {"who": None, "confidence_min": "0.5", "limit": "200"}


def test_each_query_runs_and_says_the_same_as_csv(api: Api) -> None:
    """What each one answers is tested in tests/graph/test_analysis.py."""
    laptop = api.init("laptop")
    for user in ("anna", "ben"):
        api.identify(laptop, user)
    needed: dict[str, Json] = {
        **{name: {"who": "anna"} for name in ("cluster", "cluster_picture", "journey")},
        **{name: {"event": "identify"} for name in ("drop_offs", "paths")},
        "first_touch": {"who": "anna", "event": "identify"},
        "at_address": {"address": "203.0.113.7"},
        "funnel": {"events": "identify,identify"},
        "explanation_picture": {"a": "anna", "b": "ben"},
    }
    for name in analysis.names():
        answer = api.get("queries", name, **needed.get(name, {}))
        assert tuple(answer["columns"]) == analysis.find(name).columns
        assert all(tuple(row) == analysis.find(name).columns for row in answer["rows"])
    [row] = api.get("queries", "shared_browsers")["rows"]
    assert (row["users"], row["who"]) == (2, ["anna 95", "ben 95"])
    response = api.app.test_client().get(
        "/api/v1/queries/shared_browsers?format=csv", headers={"Authorization": f"Bearer {api.keys.secret_key}"}
    )
    assert response.content_type == "text/csv; charset=utf-8"
    [cells] = csv.DictReader(response.text.splitlines())
    assert (cells["users"], cells["visitor_id"]) == ("2", row["visitor_id"])


@pytest.mark.parametrize("form", ["full", "truncated", "keyed"])
def test_an_address_is_sought_in_the_form_that_the_tenant_keeps(
    app: Flask, database: Database, clock: Clock, form: Literal["full", "truncated", "keyed"]
) -> None:
    settings = TenantSettings(addresses=form)
    api = Api(app, create_tenant(database, "t", secret_key=SECRET_KEY, now=clock(), settings=settings))
    there = [api.init("laptop", address="203.0.113.7"), api.init("phone", address="2001:db8:1:2:3:4:5:6", agent=IPHONE)]
    api.identify(there[0], "anna", address="203.0.113.7")
    seen = [
        api.get("queries", "at_address", address=address)["rows"] for address in ("203.0.113.7", "2001:db8:1:2:9::1")
    ]
    assert [[row["visitor_id"] for row in rows] for rows in seen] == [[each["visitorId"]] for each in there]
    assert [[row["who"] for row in rows] for rows in seen] == [[["anna"]], [[]]]
    assert api.get("queries", "at_address", address="192.0.2.1")["rows"] == []
    # A graph shows the address as it is kept, and that finds the same.
    graph = api.get("identities", there[0]["identityId"], "graph", depth=2)
    [kept] = [node["id"].removeprefix("address:") for node in graph["nodes"] if node["id"].startswith("address:")]
    assert api.get("queries", "at_address", address=kept)["rows"] == seen[0]


def test_an_address_tells_nothing_of_who_is_hidden(api: Api) -> None:
    api.identify(api.init("laptop", address="203.0.113.7"), "anna", address="203.0.113.7")
    assert len(api.get("queries", "at_address", address="203.0.113.7")["rows"]) == 1
    api.put("users", "anna", "visibility", visible=False)
    assert api.get("queries", "at_address", address="203.0.113.7")["rows"] == []


def test_another_tenant_finds_nothing_and_cannot_name_the_tenant(api: Api, other_api: Api, clock: Clock) -> None:
    api.identify(api.init("laptop"), "anna")
    assert api.get("queries", "journey", who="anna")["rows"]
    assert other_api.get("queries", "journey", who="anna")["rows"] == []
    refused = other_api.get("queries", "journey", who="anna", tenant=api.keys.tenant_id, expect=400)
    assert "there is no parameter tenant" in str(refused["errors"])


def test_what_cannot_be_asked_is_refused_with_what_can(api: Api) -> None:
    unknown = api.get("queries", "joruney", expect=404)
    assert unknown["code"] == "query_not_found"
    assert "journey" in unknown["detail"]
    assert "say who" in str(api.get("queries", "journey", expect=400)["errors"])
    assert "limit is of type INTEGER" in str(api.get("queries", "journey", who="a", limit="x", expect=400)["errors"])
    assert "at most 10000" in str(api.get("queries", "journey", who="a", limit=10_001, expect=400)["errors"])
    refused = api.get("queries", "recognitions", since="yesterday", expect=400)
    assert "since is a time such as 2026-03-01T12:00:00Z" in str(refused["errors"])
    assert api.get("queries", "journey", who="a", format="xml", expect=400)["errors"].keys() == {"format"}


def test_a_query_answers_parquet_with_the_types_of_its_columns(
    api: Api, command: Callable[..., Done], tmp_path: Path
) -> None:
    laptop = api.init("laptop")
    for user in ("anna", "ben"):
        api.identify(laptop, user)
    [row] = api.get("queries", "shared_browsers")["rows"]
    response = api.app.test_client().get(
        "/api/v1/queries/shared_browsers?format=parquet", headers={"Authorization": f"Bearer {api.keys.secret_key}"}
    )
    assert response.content_type == "application/vnd.apache.parquet"
    file = tmp_path / "shared.parquet"
    done = command("query", "shared_browsers", "--tenant", "shop", "--parquet", str(file))
    assert (done.code, done.out) == (0, "")
    for source in (io.BytesIO(response.data), str(file)):
        table = parquet.ParquetFile(source)
        [batch] = table.iter_batches()
        assert batch.to_pylist() == [{**row, "last_seen": utc(row["last_seen"])}]
    # A query that finds nothing has its columns all the same.
    assert command("query", "journey", "--param", "who=nobody", "--tenant", "shop", "--parquet", str(file)).code == 0
    empty = parquet.ParquetFile(str(file))
    assert (empty.metadata.num_rows, tuple(empty.schema_arrow.names)) == (0, analysis.find("journey").columns)
    assert command("query", "journey", "--param", "who=anna", "--csv", "--parquet", str(file)).code == 2
    nowhere = command("query", "shared_browsers", "--tenant", "shop", "--parquet", str(tmp_path / "no" / "file"))
    assert (nowhere.code, "cannot be written" in nowhere.err) == (1, True)


def test_without_pyarrow_only_parquet_fails_and_says_what_to_install(
    api: Api, command: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError\n")
    file = tmp_path / "rows.parquet"
    told = "pip install --require-hashes -r requirements-parquet.txt"
    words = ("query", "shared_browsers", "--tenant", "shop")
    done = command(*words, "--parquet", str(file), PYTHONPATH=str(tmp_path))
    assert (done.code, done.out, done.err) == (1, "", f"Error: Parquet needs pyarrow: {told}\n")
    assert not file.exists()
    assert command(*words, "--json", PYTHONPATH=str(tmp_path)).out == "[]\n"
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    refused = api.get("queries", "shared_browsers", format="parquet", expect=400)
    assert told in str(refused["errors"]["format"])
    assert api.get("queries", "shared_browsers")["rows"] == []
