"""Whatever Neo4j fails with, the answer is 503 or 504, the failure is logged, and the jobs go on."""

import logging
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import neo4j
import pytest

import migrations
from app.config import Settings
from app.factory import create_app
from app.jobs import Schedule
from graph import embedded
from graph.acts.tenants import create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.neo4j_server import JAVA_OPTIONS
from tests.patience import PATIENCE_SECONDS
from tests.world import Api, Clock


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(data_dir: Path, *configuration: str) -> embedded.RunningServer:
    settings = Settings.from_environment(os.environ)
    return embedded.start(
        data_dir=data_dir,
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        bolt_port=0,
        http_port=0,
        repository_url=settings.maven_repository_url,
        tuning=embedded.Tuning(configuration, (JAVA_OPTIONS,)),
    )


@pytest.fixture
def shop(data_dir: Path, clock: Clock) -> Iterator[Api]:
    """A shop whose Neo4j becomes read-only after its tenant was made, as with a full or failing disk."""
    with start(data_dir) as running:
        server = running.server
        database = Database.connect(server.uri, server.user, server.password)
        migrations.migrate(database)
        keys = create_tenant(database, "shop", secret_key=SECRET_KEY, now=clock())
        database.close()
    with start(data_dir, "server.databases.default_to_read_only=true") as running:
        server = running.server
        database = Database.connect(server.uri, server.user, server.password)
        settings = Settings.from_environment(
            {"DATA_DIR": str(data_dir), "NEO4J_URI": server.uri, "SECRET_KEY": SECRET_KEY}
        )
        yield Api(create_app(settings, database, clock=clock), keys)
        database.close()


def test_a_database_that_takes_no_writes_is_503_and_is_logged_with_its_cause(
    shop: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answer = shop.post("/eventTracking/init", {"fingerprint": {"visitorId": "f-1"}})
    assert (answer.status, answer["code"]) == (503, "graph_unavailable"), answer.json
    assert "Retry-After" in answer.headers
    failures = [record for record in caplog.records if record.message == "Neo4j failed"]
    assert failures
    assert failures[0].exc_info is not None
    assert isinstance(failures[0].exc_info[1].__cause__, neo4j.exceptions.Neo4jError)  # type: ignore[union-attr]


def test_the_jobs_go_on_after_any_failure(caplog: pytest.LogCaptureFixture) -> None:
    again, tries = threading.Event(), iter((False, True))

    def fail_at_first() -> None:
        if next(tries, True):
            again.set()
        else:
            raise RuntimeError("something that nobody thought of")

    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    schedule = Schedule(nowhere, lambda: None, lambda: "", {"sweep": timedelta(milliseconds=1)})  # type: ignore[arg-type,return-value]
    with caplog.at_level(logging.ERROR, logger="whograph"):
        threading.Thread(target=schedule._forever, args=(fail_at_first,), name="jobs", daemon=True).start()
        assert again.wait(PATIENCE_SECONDS)
    assert "jobs failed" in caplog.messages
    nowhere.close()
