"""Recognise the ids of erased persons, by keyed hashes that say nothing about the ids."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Name:
    """An id that a call names. `kind` is `message`, `session`, `jar`, `user` or `visitor`."""

    kind: str
    id: str


@dataclass(frozen=True)
class Tombstone:
    """The hash of an erased id, and when it was erased."""

    hash: str
    at: datetime


@dataclass(frozen=True)
class Hashing:
    """Makes the hashes of a tenant's ids. The first of its `keys` is in force; tombstones may be by the earlier ones, too.

    Without a key there are no hashes, so that nothing is found.
    """

    keys: tuple[bytes, ...] = ()

    def of(self, name: Name) -> list[str]:
        """Return the hashes of an id, by each key."""
        said = f"{name.kind} {name.id}".encode("utf-8", "surrogatepass")
        return [hmac.digest(key, said, hashlib.sha256).hex()[:32] for key in self.keys]

    def all_of(self, names: Iterable[Name]) -> list[str]:
        """Return the hashes of several ids."""
        return [found for name in names for found in self.of(name)]


NO_HASHING = Hashing()


def why_refused(names: Sequence[Name], tombstones: Sequence[Tombstone], hashing: Hashing, at: datetime) -> str | None:
    """Return why a call that names these ids and happened `at` is refused; None if it is not.

    A message stays erased. What names a session, a jar or a user for a time after the erasure is judged as if they had
    never been: so a page whose session was erased learns that there is none, and begins anew.
    """
    if not tombstones:
        return None
    erased_at = {tombstone.hash: tombstone.at for tombstone in tombstones}
    for name in names:
        for found in hashing.of(name):
            if found in erased_at and (name.kind == "message" or at <= erased_at[found]):
                return f"the {_WORDS[name.kind]} that it names was erased, and nothing from before comes back"
    return None


_WORDS = {"message": "message id", "session": "session", "jar": "browser", "user": "user", "visitor": "visitor"}
