"""Migrations are applied once and in order, by one runner at a time, and the service serves only the current schema."""

import threading
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

import migrations
from graph.database import Database
from graph.errors import SchemaOutOfDate
from graph.store import migrations as store
from migrations.runner import DIRECTORY, MigrationRefused, files
from tests.neo4j_server import Server
from tests.patience import PATIENCE_SECONDS, wait_until


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the real migrations, which a test may change."""
    for path in DIRECTORY.glob("*.cypher"):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


@pytest.fixture
def fresh(migrated: Database, driver: neo4j.Driver) -> Iterator[Database]:
    """The migrated database; changes that a test makes to its schema and history are undone afterwards."""
    yield migrated
    driver.execute_query("DROP CONSTRAINT probe_key IF EXISTS")
    driver.execute_query("MATCH (m:Migration) WHERE m.version > $last DETACH DELETE m", last=len(files()))
    migrations.migrate(migrated)
    migrations.check_schema(migrated)


def add_probe(directory: Path, title: str = "Add_a_probe") -> Path:
    path = directory / f"V{len(files()) + 1:04d}__{title}.cypher"
    path.write_text(
        "CREATE CONSTRAINT probe_key IF NOT EXISTS FOR (n:Probe) REQUIRE (n.tenant, n.probe_id) IS UNIQUE;\n"
    )
    return path


def test_an_applied_migration_is_not_applied_again(fresh: Database, directory: Path) -> None:
    add_probe(directory)

    assert [migration.title for migration in migrations.migrate(fresh, directory=directory)] == ["Add a probe"]
    assert migrations.migrate(fresh, directory=directory) == []
    assert all(entry.applied_at is not None for entry in migrations.status(fresh, directory=directory))


def test_replicas_that_start_at_once_apply_each_migration_once(
    fresh: Database, directory: Path, server: Server
) -> None:
    add_probe(directory)
    applied: list[int] = []

    def start() -> None:
        database = Database.connect(server.uri, server.user, server.password)
        applied.extend(migration.version for migration in migrations.migrate(database, directory=directory))
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert applied == [len(files()) + 1]


def test_edited_history_is_refused(fresh: Database, directory: Path) -> None:
    path = add_probe(directory)
    migrations.migrate(fresh, directory=directory)
    path.write_text(path.read_text() + "// edited\n")

    for verb in (migrations.migrate, migrations.validate, migrations.check_schema):
        with pytest.raises(MigrationRefused, match="edited after it was applied"):
            verb(fresh, directory=directory)


def test_other_line_ends_are_not_an_edit(fresh: Database, directory: Path) -> None:
    path = add_probe(directory)
    migrations.migrate(fresh, directory=directory)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    migrations.validate(fresh, directory=directory)


def test_a_database_of_a_newer_version_is_refused(fresh: Database, directory: Path) -> None:
    path = add_probe(directory)
    migrations.migrate(fresh, directory=directory)
    path.unlink()

    with pytest.raises(MigrationRefused, match="older Whograph"):
        migrations.migrate(fresh, directory=directory)


def test_an_older_replica_goes_on_with_a_database_of_a_newer_version(fresh: Database, directory: Path) -> None:
    path = add_probe(directory)
    migrations.migrate(fresh, directory=directory)
    path.unlink()

    migrations.check_schema(fresh, directory=directory)


def test_an_index_that_no_migration_made_keeps_nothing_from_serving(
    fresh: Database, directory: Path, driver: neo4j.Driver
) -> None:
    """While it is being built it is not online; so is one that failed, such as this one of text that is too long."""
    migrations.migrate(fresh, directory=directory)
    driver.execute_query("CREATE (:Note {text: $text})", text="long" * 10_000)
    driver.execute_query("CREATE INDEX note_by_text FOR (n:Note) ON (n.text)")
    try:
        wait_until(
            lambda: fresh.read(store.schema)[1]["note_by_text"] == "FAILED",
            "Neo4j can index a text of 40,000 characters",
        )
        migrations.check_schema(fresh, directory=directory)
    finally:
        driver.execute_query("DROP INDEX note_by_text")
        driver.execute_query("MATCH (n:Note) DELETE n")


@pytest.mark.parametrize("name", ["V0099__A_gap.cypher", "V2__short.cypher", "first.cypher"])
def test_a_gap_in_the_versions_or_a_wrong_name_is_refused(directory: Path, name: str) -> None:
    (directory / name).write_text("RETURN 1;\n")

    with pytest.raises(MigrationRefused):
        files(directory)


def test_pending_migrations_keep_the_service_from_serving(fresh: Database, directory: Path) -> None:
    add_probe(directory)

    with pytest.raises(SchemaOutOfDate, match="python -m migrations migrate"):
        migrations.check_schema(fresh, directory=directory)


def test_a_missing_constraint_keeps_the_service_from_serving(
    fresh: Database, directory: Path, driver: neo4j.Driver
) -> None:
    add_probe(directory)
    migrations.migrate(fresh, directory=directory)
    migrations.check_schema(fresh, directory=directory)
    driver.execute_query("DROP CONSTRAINT probe_key")

    with pytest.raises(SchemaOutOfDate, match="probe_key"):
        migrations.check_schema(fresh, directory=directory)


def test_an_interrupted_migration_is_repeated_completely(
    fresh: Database, directory: Path, driver: neo4j.Driver
) -> None:
    path = add_probe(directory)
    whole = path.read_text()
    path.write_text(whole + "CREATE NONSENSE;\n")
    with pytest.raises(Exception, match=r"NONSENSE|Invalid input"):
        migrations.migrate(fresh, directory=directory)
    assert driver.execute_query("SHOW CONSTRAINTS YIELD name WHERE name = 'probe_key' RETURN name").records
    path.write_text(whole)

    assert len(migrations.migrate(fresh, directory=directory)) == 1
