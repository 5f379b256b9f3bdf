"""While Neo4j is away the service says so in time, and afterwards it recovers by itself."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import migrations
from app import key_ring, rehearsal
from app.config import Settings
from app.factory import create_app
from app.readiness import Progress
from graph import embedded
from graph.acts.tenants import create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.neo4j_server import SHORT_LIVED
from tests.patience import wait_until
from tests.world import Answer, Api, Clock

#: Without our limit for a connection the driver notices a frozen server after 68 s, and without our server's keep-alive
#: after 123 s. With both it takes 11 s, nearly all of them waiting, so an idle machine takes as long.
WITHOUT_LIMITS_SECONDS = 60
#: Without our limit for retries the driver gives up on a stopped server after 50 s, with it after 2 s.
WITHOUT_A_LIMIT_FOR_TRIES_SECONDS = 30


@pytest.fixture
def running(tmp_path: Path) -> Iterator[embedded.RunningServer]:
    """Start a server for one test, which freezes and stops it."""
    settings = Settings.from_environment(os.environ)
    with embedded.start(
        data_dir=tmp_path / "data",
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        bolt_port=0,
        http_port=0,
        repository_url=settings.maven_repository_url,
        tuning=SHORT_LIVED,
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


def used(api: Api) -> Answer | None:
    answer, _ = timed(api)
    return answer if answer.status == 200 else None


def test_a_frozen_and_a_stopped_neo4j_are_503_in_time_and_a_thawed_one_is_used_again(
    own_api: Api,
    running: embedded.RunningServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Calls must get as far as their acts, however long a busy machine takes.
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 100_000.0)
    # The first calls on a busy machine may take longer than they have: Neo4j plans their queries.
    session = wait_until(lambda: used(own_api), "it does not serve")["sessionId"]
    os.kill(running.server.pid, signal.SIGSTOP)
    try:
        for _ in range(2):
            frozen, seconds = timed(own_api)
            assert frozen.status == 503, frozen.json
            assert frozen["code"] == "graph_unavailable"
            assert int(frozen.headers["Retry-After"]) > 0
            assert seconds < WITHOUT_LIMITS_SECONDS
        ready = own_api.app.test_client().get("/health/ready")
        assert ready.status_code == 503
        assert own_api.app.test_client().get("/health/live").status_code == 200
    finally:
        os.kill(running.server.pid, signal.SIGCONT)
    thawed = wait_until(lambda: used(own_api), "it is not used again")
    assert thawed["visitorId"] == own_api.init("f-1")["visitorId"]

    running.stop()
    for _ in range(2):
        refused, seconds = timed(own_api)
        assert (refused.status, refused["code"]) == (503, "graph_unavailable")
        assert "Retry-After" in refused.headers
        assert seconds < WITHOUT_A_LIMIT_FOR_TRIES_SECONDS

    wrong = {"type": "identify", "userProperties": {"userId": "anna"}, "userHash": "f" * 64}
    batch = {"sessionId": session, "events": [wrong, {"type": "track", "eventName": "page_view"}]}
    assert own_api.post("/eventTracking/batch", batch).status == 503
    assert "1 refusals are not among the warnings: Neo4j is away" in caplog.messages, "it waits for Neo4j once only"


def test_a_service_that_starts_before_its_neo4j_is_live_and_serves_once_neo4j_is_up(
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
        data_dir=server.data_dir,
        cache_dir=cache_dir,
        version=server.version,
        bolt_port=port,
        http_port=0,
        tuning=SHORT_LIVED,
    ):
        wait_until(lambda: client.get("/health/ready").status_code == 200, "it does not become ready")
        wait_until(lambda: used(api), "it does not serve")
    database.close()


def test_a_neo4j_that_was_restarted_gets_no_calls_until_its_queries_are_planned_again(
    running: embedded.RunningServer, tmp_path: Path, clock: Clock
) -> None:
    server = running.server
    database = Database.connect(server.uri, server.user, server.password)
    migrations.migrate(database)
    keys = create_tenant(database, "shop", secret_key=SECRET_KEY, now=clock())
    settings = Settings.from_environment({"DATA_DIR": str(tmp_path), "NEO4J_URI": server.uri, "SECRET_KEY": SECRET_KEY})
    # A busy machine may take longer over a call than callers wait. This is about when a call begins.
    settings = replace(settings, call_seconds=600)
    rehearse = rehearsal.alone(database, tmp_path / "run")
    rehearsals: list[None] = []

    def rehearse_and_count(tell: Progress) -> None:
        rehearse(tell)
        rehearsals.append(None)

    api = Api(create_app(settings, database, clock=clock, rehearse=rehearse_and_count), keys)
    client = api.app.test_client()
    with closing(database), ending(api):
        wait_until(lambda: client.get("/health/ready").status_code == 200, "it does not become ready")
        assert len(rehearsals) == 1

        running.stop()
        wait_until(
            lambda: client.get("/health/ready").status_code == 503, "it does not notice, although no call is made"
        )
        with embedded.start(
            data_dir=server.data_dir,
            cache_dir=Settings.from_environment(os.environ).cache_dir,
            version=server.version,
            bolt_port=int(server.uri.rpartition(":")[2]),
            http_port=0,
            tuning=SHORT_LIVED,
        ):
            while client.get("/health/ready").status_code != 200:
                answer = api.post("/eventTracking/init", {"fingerprint": {"visitorId": "f-1"}})
                assert answer.status in {503, 200}, "calls wait for their plans"
                assert answer.status == 503 or len(rehearsals) == 2
            assert len(rehearsals) == 2
            api.init("f-1")


@contextmanager
def ending(api: Api) -> Iterator[None]:
    """End the thread of the API's readiness, whatever comes: it would go on beside the tests that follow."""
    try:
        yield
    finally:
        api.app.extensions["whograph"].readiness.end()
