"""What analysts ask by name, on a story told through the API: the answers whole, for people and for programs."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.__main__ import main
from app.services.tenants import create_tenant
from graph.database import Database
from graph.store import analysis
from tests.conftest import SECRET_KEY
from tests.neo4j_server import Server
from tests.world import IPHONE, Answer, Api, Clock, Graph, Json

SHORT_ID = re.compile(r"\b([a-z]{3})_…[0-9a-f]{6}")
CROWD = 30
Story = dict[str, Answer]


@pytest.fixture
def story(app: Flask, database: Database, clock: Clock) -> Story:
    """Anna's laptop without cookies and her phone, a family's tablet, a common phone, and a café."""
    api = Api(app, create_tenant(database, "demo", secret_key=SECRET_KEY, now=clock()))
    page = {"url": "https://shop.example/", "referrer": "https://search.example/"}
    first = api.init("laptop", page=page)
    clock.forward(minutes=2)
    api.track(first, "search", page={"url": "https://shop.example/search"})
    clock.forward(days=10)
    again = api.init("laptop", address="203.0.113.8")
    api.track(again, "view", address="203.0.113.8")
    clock.forward(minutes=1)
    api.identify(again, "anna", address="203.0.113.8")
    clock.forward(hours=5)
    phone = api.init("phone", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=3)
    api.identify(phone, "anna", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=1)
    api.track(phone, "buy", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=1)
    api.track(phone, "thanks", agent=IPHONE, address="198.51.100.9")

    clock.forward(days=3)
    third = api.init("laptop", address="203.0.113.9")
    api.track(third, "view", address="203.0.113.9")

    # A private address proves nothing, so that these meet nobody by theirs.
    home: Json = {"address": "192.168.0.7"}
    tablet = api.init("tablet", **home)
    for user in ("mum", "kid"):
        clock.forward(minutes=5)
        api.identify(tablet, user, **home)
    common = {}
    for user in ("ben", "cleo"):
        clock.forward(minutes=1)
        visit = api.init(f"{user}'s", agent=IPHONE, **home)
        api.identify(visit, user, agent=IPHONE, **home)
        common[user] = api.init("common", agent=IPHONE, visitorToken=visit["visitorToken"], **home)
    clock.forward(minutes=1)
    stranger = api.init("common", agent=IPHONE, **home)
    api.track(stranger, "view", agent=IPHONE, **home)

    for number in range(CROWD):
        clock.forward(seconds=1)
        guest = api.init(f"guest {number}", address="192.0.2.44")
        api.identify(guest, f"guest-{number}", address="192.0.2.44")
    return {"laptop": first, "phone": phone, "tablet": tablet, "stranger": stranger, **common}


@pytest.fixture(autouse=True)
def found(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The commands find the tests' Neo4j."""
    monkeypatch.setenv("NEO4J_URI", server.uri)
    monkeypatch.setenv("NEO4J_USER", server.user)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def run(*args: str) -> Result:
    """`python -m app query …`."""
    return CliRunner().invoke(main, ["query", *args])


def ask(name: str, **params: Any) -> list[dict[str, Any]]:
    """The rows of an analysis, by the command."""
    result = run(name, *(f"--param={key}={value}" for key, value in params.items()), "--json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def pasted(name: str) -> dict[str, Any]:
    """The parameters that the header has an analyst paste, as Neo4j Browser reads them: JavaScript's."""
    braces = analysis.find(name).paste.removeprefix(":params ")
    read: dict[str, Any] = json.loads(re.sub(r"(\w+):", r'"\1":', braces).replace("'", '"'))
    return read


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("name", analysis.names())
def test_the_example_in_the_file_is_what_the_command_prints(name: str) -> None:
    printed = run(name, *(f"--param={key}={value}" for key, value in pasted(name).items()))
    assert printed.exit_code == 0, printed.output
    masked = [SHORT_ID.sub(r"\1_…", line) for line in printed.stdout.splitlines()]
    assert masked == [SHORT_ID.sub(r"\1_…", line) for line in analysis.find(name).example]


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("name", analysis.names())
def test_a_file_runs_as_it_is_with_the_parameters_it_has_one_paste_and_changes_nothing(name: str, graph: Graph) -> None:
    # Neo4j Browser makes floats of numbers set by `:params {…}`.
    params = {key: float(value) if isinstance(value, int) else value for key, value in pasted(name).items()}
    found = graph.driver.execute_query(analysis.find(name).text, params)
    assert tuple(found.keys) == analysis.find(name).columns
    assert found.records
    assert not found.summary.counters.contains_updates
    assert [one.gql_status for one in found.summary.gql_status_objects if one.is_notification] == []


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("name", analysis.names())
def test_csv_and_json_say_the_same(name: str) -> None:
    params = [f"--param={key}={value}" for key, value in pasted(name).items()]
    from_json = json.loads(run(name, *params, "--json").stdout)
    from_csv = list(csv.DictReader(run(name, *params, "--csv").stdout.splitlines()))
    assert tuple(from_csv[0]) == analysis.find(name).columns
    assert from_csv == [
        {
            key: "" if value is None else json.dumps(value) if isinstance(value, list | bool) else str(value)
            for key, value in row.items()
        }
        for row in from_json
    ]
