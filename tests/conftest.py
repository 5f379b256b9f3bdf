"""What tests ask for: a real Neo4j, emptied for each; the service on it with a clock one can set; the graph to compare."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import neo4j
import pytest
from flask import Flask

import migrations
from app import rehearsal
from app.config import Settings
from app.factory import create_app, new_door
from graph.acts.tenants import TenantKeys, create_tenant
from graph.database import Database
from graph.transaction import Transaction
from tests.given import TENANT
from tests.neo4j_server import Server, serve
from tests.patience import PATIENCE_SECONDS
from tests.planned import Unplanned
from tests.world import Api, Clock, Done, Graph

#: A busy machine makes an example slow, not wrong.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

DATA = Path(__file__).parent / "data"
SECRET_KEY = "a-secret-key-of-the-tests-0123456789"
METRICS_KEY = "a-metrics-key-of-the-tests-0123456789"


#: The files that take longest begin first, so that no worker ends with one of them while the others have nothing left.
LONGEST = (
    "setup/test_run.py",
    "setup/test_geoip.py",
    "graph/test_plans.py",
    "faults/test_outage.py",
    "embedded/test_ends.py",
    "embedded/test_backup.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores (some tests only wait), each with its own Neo4j; the server of `NEO4J_URI` gets one."""
    return 0 if os.environ.get("NEO4J_URI") else min((os.cpu_count() or 1) + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(Path(__file__).parent).as_posix()
        return LONGEST.index(file) if file in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("neo4j")) as running:
        yield running


@pytest.fixture(scope="session")
def unplanned() -> Iterator[Unplanned]:
    """What the calls of all tests run without a plan."""
    found = Unplanned()

    def run(tx: Transaction, text: str, params: Mapping[str, Any]) -> neo4j.Result:
        return found.run(tx, text, params)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Transaction, "run", run)
        yield found


@pytest.fixture(autouse=True)
def calls_run_what_was_planned(unplanned: Unplanned) -> Iterator[None]:
    """Fail a test whose calls ran a query that the lists in `graph/plans.py` leave out."""
    yield
    noted = sorted(unplanned.noted)
    unplanned.noted.clear()
    assert noted == []


@pytest.fixture(scope="session")
def migrated(server: Server) -> Iterator[Database]:
    """The database with its schema, whatever is in it."""
    database = Database.connect(server.uri, server.user, server.password).within(PATIENCE_SECONDS)
    migrations.migrate(database)
    # A cold Neo4j on a busy machine plans the acts for longer than a request may take.
    rehearsal.rehearse(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def driver(server: Server) -> Iterator[neo4j.Driver]:
    """A driver of the tests' own, to read the graph back with."""
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as connected:
        yield connected


@pytest.fixture
def graph(driver: neo4j.Driver, migrated: Database) -> Graph:
    """The graph, empty but for its schema."""
    found = Graph(driver)
    found.empty()
    return found


@pytest.fixture
def database(graph: Graph, migrated: Database) -> Database:
    """The emptied database, for acts in the graph of tenant `shop`."""
    return migrated.of(TENANT)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC))


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {
            "DATA_DIR": str(tmp_path),
            "NEO4J_URI": server.uri,
            "NEO4J_USER": server.user,
            "NEO4J_PASSWORD": server.password,
            "SECRET_KEY": SECRET_KEY,
            "METRICS_KEY": METRICS_KEY,
            "TRUSTED_PROXIES": "1",
            # A busy machine takes its time to work off a queue of a hundred calls.
            "CALL_SECONDS": f"{PATIENCE_SECONDS:.0f}",
            "GEOIP_CITY_DB": str(DATA / "GeoIP2-City-Test.mmdb"),
            "GEOIP_ASN_DB": str(DATA / "GeoLite2-ASN-Test.mmdb"),
        }
    )


@pytest.fixture(scope="session")
def door() -> Flask:
    """The routes, which are the same for all tests; each test has a service of its own behind them."""
    return new_door()


@pytest.fixture
def app(door: Flask, settings: Settings, graph: Graph, migrated: Database, clock: Clock) -> Flask:
    app = create_app(settings, migrated, clock=clock, door=door)
    app.testing = False
    return app


@pytest.fixture
def tenant(database: Database, clock: Clock) -> TenantKeys:
    return create_tenant(database, TENANT, secret_key=SECRET_KEY, now=clock())


@pytest.fixture
def api(app: Flask, tenant: TenantKeys) -> Api:
    """The service as the pages and servers of tenant `shop` use it."""
    return Api(app, tenant)


@pytest.fixture
def other_api(app: Flask, database: Database, clock: Clock) -> Api:
    """The service as another tenant uses it."""
    return Api(app, create_tenant(database, "rival", secret_key=SECRET_KEY, now=clock()))


def environ_of(settings: Settings) -> dict[str, str]:
    """The environment of a process of its own that finds the tests' Neo4j and keys."""
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(settings.data_dir),
        "NEO4J_URI": settings.neo4j_uri or "",
        "NEO4J_USER": settings.neo4j_user,
        "NEO4J_PASSWORD": settings.neo4j_password,
        "SECRET_KEY": settings.secret_key or "",
    }


@pytest.fixture
def command(settings: Settings, database: Database) -> Callable[..., Done]:
    """Run one of the project's own commands, as somebody at a terminal does."""

    def run(*words: str, by: tuple[str, ...] = ("-m", "app"), **environ: str) -> Done:
        given = {**environ_of(settings), **environ}
        done = subprocess.run(
            [sys.executable, *by, *words],
            env=given,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
