"""Keep tombstones elsewhere, and erase again whoever came back with a backup."""

from collections.abc import Iterator
from typing import Literal

from graph.database import Database
from graph.rules.tombstones import Hashing, Name, Tombstone
from graph.store import erase as store

PAGE = 1_000


def kept(database: Database) -> Iterator[Tombstone]:
    """Return all tombstones of a tenant, page by page."""
    after: str | None = ""
    while after is not None:
        page = database.read(store.page, after=after, limit=PAGE)
        yield from page
        after = page[-1].hash if len(page) == PAGE else None


def restore(database: Database, tombstones: list[Tombstone]) -> None:
    """Set tombstones again, in batches; those that are there already stay."""
    for first in range(0, len(tombstones), PAGE):
        database.write(store.restore, tombstones[first : first + PAGE])


def came_back(database: Database, kind: Literal["user", "visitor"], hashing: Hashing) -> Iterator[str]:
    """Return the ids of the users or visitors that were erased, and are known since before that."""
    after: str | None = ""
    while after is not None:
        page = database.read(store.people, kind=kind, after=after, limit=PAGE)
        hashes = {found: person for person in page for found in hashing.of(Name(kind, person.id))}
        for tombstone in database.read(store.tombstones, list(hashes)):
            person = hashes[tombstone.hash]
            if person.since is None or person.since <= tombstone.at:
                yield person.id
        after = page[-1].id if len(page) == PAGE else None
