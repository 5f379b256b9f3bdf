"""Neo4j away: the service says so in time, and recovers by itself."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import migrations
from app.config import Settings
from app.factory import create_app
from graph import embedded
from graph.acts.tenants import create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.world import Answer, Api, Clock


@pytest.fixture
def running(tmp_path: Path) -> Iterator[embedded.RunningServer]:
    """A server of this test's own, to be frozen and ended."""
    settings = Settings.from_environment(os.environ)
    with embedded.start(
        data_dir=tmp_path / "data",
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        bolt_port=0,
        http_port=0,
        repository_url=settings.maven_repository_url,
    ) as server:
        yield server


@pytest.fixture
def own_api(running: embedded.RunningServer, tmp_path: Path, clock: Clock) -> Iterator[Api]:
    server = running.server
    database = Database.connect(server.uri, server.user, server.password)
    migrations.migrate(database)
    settings = Settings.from_environment({"DATA_DIR": str(tmp_path), "NEO4J_URI": server.uri, "SECRET_KEY": SECRET_KEY})
    keys = create_tenant(database, "shop", secret_key=SECRET_KEY, now=clock())
    yield Api(create_app(settings, database, clock=clock), keys)
    database.close()


def timed(api: Api) -> tuple[Answer, float]:
    started = time.monotonic()
    answer = api.post("/eventTracking/init", {"fingerprint": {"visitorId": "f-1"}})
    return answer, time.monotonic() - started


def test_a_frozen_and_a_stopped_neo4j_are_503_in_time_and_a_thawed_one_is_used_again(
    own_api: Api, running: embedded.RunningServer
) -> None:
    own_api.init("f-1")
    os.kill(running.server.pid, signal.SIGSTOP)
    try:
        for _ in range(2):
            frozen, seconds = timed(own_api)
            assert frozen.status == 503, frozen.json
            assert frozen["code"] == "graph_unavailable"
            assert int(frozen.headers["Retry-After"]) > 0
            assert seconds < 12
        ready = own_api.app.test_client().get("/health/ready")
        assert ready.status_code == 503
        assert own_api.app.test_client().get("/health/live").status_code == 200
    finally:
        os.kill(running.server.pid, signal.SIGCONT)
    deadline = time.monotonic() + 20
    while (thawed := timed(own_api)[0]).status != 200:
        assert time.monotonic() < deadline, thawed.json
        time.sleep(0.2)
    assert thawed["visitorId"] == own_api.init("f-1")["visitorId"]

    running.stop()
    for _ in range(2):
        refused, seconds = timed(own_api)
        assert (refused.status, refused["code"]) == (503, "graph_unavailable")
        assert "Retry-After" in refused.headers
        assert seconds < 3


def test_a_service_that_starts_before_its_neo4j_is_live_and_serves_once_it_is_there(
    running: embedded.RunningServer, tmp_path: Path, clock: Clock
) -> None:
    server = running.server
    port = int(server.uri.rpartition(":")[2])
    database = Database.connect(server.uri, server.user, server.password)
    migrations.migrate(database)
    keys = create_tenant(database, "shop", secret_key=SECRET_KEY, now=clock())
    running.stop()

    settings = Settings.from_environment({"DATA_DIR": str(tmp_path), "NEO4J_URI": server.uri, "SECRET_KEY": SECRET_KEY})
    api = Api(create_app(settings, database, clock=clock), keys)
    client = api.app.test_client()
    assert (client.get("/health/live").status_code, client.get("/health/ready").status_code) == (200, 503)
    assert timed(api)[0].status == 503

    cache_dir = Settings.from_environment(os.environ).cache_dir
    with embedded.start(
        data_dir=server.data_dir, cache_dir=cache_dir, version=server.version, bolt_port=port, http_port=0
    ):
        deadline = time.monotonic() + 20
        while client.get("/health/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        api.init("f-1")
    database.close()
