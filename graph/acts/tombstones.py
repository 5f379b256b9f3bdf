"""Keep tombstones elsewhere, erase again whoever came back with a backup, and find erasures that overtook a call."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from graph.database import Database
from graph.errors import Overtaken
from graph.rules import tombstones as rules
from graph.rules.tombstones import Hashing, Name, Tombstone
from graph.store import erase as store
from graph.transaction import Transaction

PAGE = 1_000


def look_again(tx: Transaction, newer: Mapping[str, datetime], hashing: Hashing) -> None:
    """Look again for the tombstones of users who are no older than the call that names them, each with the call's time.

    The act read the tombstones before it locked the users. An erasure that ends in between leaves neither the user nor a
    lock to wait for. A user who is made anew since then, by this act or another, is no older than the call.

    Raises:
        Overtaken: A user was erased in between.
    """
    names = [Name("user", user_id) for user_id in newer]
    found = store.tombstones(tx, hashing.all_of(names))
    if any(rules.why_refused([name], found, hashing, newer[name.id]) for name in names):
        raise Overtaken("the user was erased just now")


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
