"""Apply the migrations in order, each once, with one runner at a time."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.database import Database
from graph.errors import IdentityGraphError, SchemaOutOfDate
from graph.store import migrations as store
from graph.transaction import Transaction

DIRECTORY = Path(__file__).resolve().parent
FILE = re.compile(r"V(?P<version>\d{4})__(?P<title>\w+)\.cypher")
CREATED = re.compile(r"CREATE (?:CONSTRAINT|(?:RANGE |TEXT |POINT |VECTOR |FULLTEXT )?INDEX) (\w+)")
DROPPED = re.compile(r"DROP (?:CONSTRAINT|INDEX) (\w+)")
#: How long a second runner waits for the first. Building an index over a large graph takes long.
LOCK_SECONDS = 3600.0


class MigrationRefused(IdentityGraphError):  # noqa: N818 - named after the failure
    """The database's history and the files disagree; nothing was changed."""

    code = "migration_refused"


@dataclass(frozen=True)
class Migration:
    """One versioned file: `V0001__Create_the_identity_graph.cypher`."""

    version: int
    title: str
    checksum: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """A migration and when it was applied, or None while it is pending."""

    migration: Migration
    applied_at: datetime | None


def files(directory: Path = DIRECTORY) -> list[Migration]:
    """Read all migrations, in order; raises `MigrationRefused` if a file name or the numbering is wrong."""
    migrations = []
    for path in sorted(directory.glob("*.cypher")):
        match = FILE.fullmatch(path.name)
        if match is None:
            raise MigrationRefused(f"{path.name}: a migration is named V0001__What_it_does.cypher")
        text = path.read_text(encoding="utf-8")
        code = re.sub(r"//[^\n]*", "", text)
        statements = tuple(part.strip() for part in code.split(";") if part.strip())
        # Line ends differ between checkouts, so the checksum ignores them.
        checksum = hashlib.sha256("\n".join(text.split("\r\n")).encode()).hexdigest()
        migrations.append(
            Migration(int(match["version"]), match["title"].replace("_", " "), checksum, statements),
        )
    numbers = [migration.version for migration in migrations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise MigrationRefused(f"versions go 1, 2, 3 … without a gap; here they are {numbers}")
    return migrations


def migrate(
    database: Database,
    *,
    directory: Path = DIRECTORY,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Migration]:
    """Apply the pending migrations and return them; safe when several replicas start at once.

    Neo4j does not allow schema commands and writes in one transaction. So one open transaction holds the lock, and the
    statements run beside it. A runner that dies loses its connection, and with it the lock.
    """
    pending = files(directory)
    database.autocommit(store.lock_constraint())
    return database.write_within(LOCK_SECONDS, _apply, database, pending, now())


def status(database: Database, *, directory: Path = DIRECTORY) -> list[Status]:
    """Return every migration with the time it was applied; raises `MigrationRefused` if an applied file was edited."""
    applied = database.read(store.applied)
    migrations = files(directory)
    _validate(migrations, applied)
    times = {row.version: row.applied_at for row in applied}
    return [Status(migration, times.get(migration.version)) for migration in migrations]


def validate(database: Database, *, directory: Path = DIRECTORY) -> None:
    """Raise `MigrationRefused` if an applied file was edited or is missing."""
    status(database, directory=directory)


def check_schema(database: Database, *, directory: Path = DIRECTORY) -> None:
    """Raise `SchemaOutOfDate` unless every migration is applied, and every constraint and index exists and is online.

    A replica goes on with a database that a newer version has migrated, so that replicas can be replaced one by one.
    Indexes that no migration made are somebody else's.
    """
    applied = database.read(store.applied)
    migrations = files(directory)
    _validate(migrations[: len(applied)], applied[: len(migrations)])
    pending = [migration.version for migration in migrations[len(applied) :]]
    if pending:
        raise SchemaOutOfDate(f"migrations {pending} are not applied: run `python -m migrations migrate`")
    constraints, states = database.read(store.schema)
    expected = _expected(directory)
    missing = [name for name in expected if name not in constraints and name not in states]
    offline = [f"{name} ({state})" for name, state in states.items() if name in expected and state != "ONLINE"]
    if missing or offline:
        raise SchemaOutOfDate(
            f"constraints or indexes are missing {missing} or not online {offline}: "
            "uniqueness would not hold, so nothing is served; restore them, or wait until they are online",
        )


def _expected(directory: Path) -> set[str]:
    names: set[str] = set()
    for migration in files(directory):
        for statement in migration.statements:
            names |= set(CREATED.findall(statement))
            names -= set(DROPPED.findall(statement))
    return names


def _apply(tx: Transaction, database: Database, migrations: list[Migration], now: datetime) -> list[Migration]:
    store.lock(tx)
    applied = store.applied(tx)
    _validate(migrations, applied)
    pending = migrations[len(applied) :]
    for migration in pending:
        for statement in migration.statements:
            database.autocommit(statement)
        store.record(tx, version=migration.version, title=migration.title, checksum=migration.checksum, applied_at=now)
    return pending


def _validate(migrations: list[Migration], applied: list[store.Applied]) -> None:
    by_version = {migration.version: migration for migration in migrations}
    for row in applied:
        migration = by_version.get(row.version)
        if migration is None:
            raise MigrationRefused(
                f"the database has migration {row.version} ({row.title}), which these files do not: "
                "this is an older Whograph than the one that last migrated it",
            )
        if migration.checksum != row.checksum:
            raise MigrationRefused(
                f"migration {row.version} ({row.title}) was edited after it was applied: "
                "restore the file and put the change into a new migration",
            )
