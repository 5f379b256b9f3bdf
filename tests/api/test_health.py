"""The service says whether it is alive and whether it can serve, and serves nothing while it cannot."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import neo4j
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from graph.acts.tenants import TenantKeys
from graph.database import Database
from graph.errors import SchemaOutOfDate
from migrations import runner
from tests.neo4j_server import Server
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.world import Api, Clock


def test_a_service_beside_its_database_is_live_and_ready(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health/live").get_json() == {"status": "live"}
    assert client.get("/health/ready").get_json() == {"status": "ready"}


@pytest.fixture
def closed_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def early(settings: Settings, clock: Clock, server: Server, closed_port: int) -> Iterator[Flask]:
    """A service that starts before its database. The database comes up behind `closed_port` later."""
    with closing(Database.connect(f"bolt://127.0.0.1:{closed_port}", server.user, server.password)) as later:
        yield create_app(settings, later, clock=clock)


def test_without_a_database_the_service_comes_up_live_and_says_that_it_is_not_ready(early: Flask) -> None:
    client = early.test_client()
    assert client.get("/health/live").status_code == 200
    ready = client.get("/health/ready")
    call = client.post("/eventTracking/init", json={}, headers={"X-Write-Key": "wk_x"})
    for response in (ready, call):
        assert (response.status_code, response.get_json()["code"]) == (503, "graph_unavailable")
        assert response.headers["Retry-After"] == "2"


@pytest.fixture
def hanging(silent: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that hangs, with a driver that does not give up by itself."""
    connect = neo4j.GraphDatabase.driver

    def connect_patiently(uri: str, **given: Any) -> neo4j.Driver:
        limits = ("connection_timeout", "connection_acquisition_timeout")
        return connect(uri, **{**given, **dict.fromkeys(limits, PATIENCE_SECONDS)})

    monkeypatch.setattr(neo4j.GraphDatabase, "driver", connect_patiently)
    with closing(Database.connect(f"bolt://127.0.0.1:{silent}", "neo4j", "x")) as database:
        yield database


def test_a_database_that_hangs_is_reported_within_about_two_seconds(
    settings: Settings, clock: Clock, hanging: Database
) -> None:
    app = create_app(settings, hanging, clock=clock)
    response = app.test_client().get("/health/ready")
    assert (response.status_code, response.get_json()["code"]) == (503, "graph_unavailable")
    assert response.get_json()["detail"] == "Neo4j did not answer within 2 s"
    probe = app.extensions["whograph"].readiness._probe
    assert not probe.done(), "what is waited for is over"


def test_a_service_recovers_by_itself_when_its_database_comes_up(
    early: Flask, server: Server, closed_port: int, tenant: TenantKeys
) -> None:
    assert early.test_client().get("/health/ready").status_code == 503
    with way_to(server, closed_port):
        wait_until(lambda: early.test_client().get("/health/ready").status_code == 200, "it does not recover")
        Api(early, tenant).init("fp-1")


@contextmanager
def way_to(server: Server, port: int) -> Iterator[None]:
    """Open a port that leads to the server."""
    address = urlsplit(server.uri)

    def carry(source: socket.socket, target: socket.socket) -> None:
        with source, target, suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            onward = socket.create_connection((address.hostname or "127.0.0.1", address.port or 7687))
            threading.Thread(target=carry, args=(onward, self.request), daemon=True).start()
            carry(self.request, onward)

    class Listener(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Listener(("127.0.0.1", port), Handler) as listener:
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield
        listener.shutdown()


@pytest.fixture
def without_a_constraint(driver: neo4j.Driver, database: Database) -> Iterator[str]:
    """Drop a constraint, as a restored dump may lack one, and create it again afterwards."""
    driver.execute_query("DROP CONSTRAINT audit_entry_key")
    yield "audit_entry_key"
    [again] = [
        statement
        for migration in runner.files()
        for statement in migration.statements
        if statement.startswith("CREATE CONSTRAINT audit_entry_key ")
    ]
    database.autocommit(again)


def test_a_database_without_its_constraints_is_refused_at_the_start(
    settings: Settings, clock: Clock, database: Database, without_a_constraint: str
) -> None:
    with pytest.raises(SchemaOutOfDate, match=without_a_constraint):
        create_app(settings, database, clock=clock)


def test_a_constraint_that_is_lost_makes_a_running_service_unready(app: Flask, without_a_constraint: str) -> None:
    response = app.test_client().get("/health/ready")
    assert (response.status_code, response.get_json()["code"]) == (503, "schema_out_of_date")
    assert without_a_constraint in response.get_json()["detail"]


def test_what_came_up_without_a_database_serves_nothing_from_one_that_lacks_a_constraint(
    early: Flask, server: Server, closed_port: int, tenant: TenantKeys, without_a_constraint: str
) -> None:
    with way_to(server, closed_port):
        answer = Api(early, tenant).init("fp-1", expect=503)
    assert answer["code"] == "schema_out_of_date"
    assert without_a_constraint in answer["detail"]
