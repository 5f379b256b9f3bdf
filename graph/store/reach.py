"""What visitors have to do with each other, read for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class GroupReach:
    """What a merge group has to do with; `is_whole` says that nothing is left out."""

    root_id: str
    addresses: list[str]
    user_ids: list[str]
    root_ids: list[str]
    rests_on: list[str]
    is_whole: bool


@dataclass(frozen=True)
class PlaceReach:
    """The merge groups that were seen at an address; `is_whole` says that none is left out."""

    address: str
    root_ids: list[str]
    is_whole: bool


@dataclass(frozen=True)
class _JarGroup:
    jar_id: str
    root_id: str


places = query("reach/places", PlaceReach)
groups = query("reach/groups", GroupReach)
_jars = query("reach/jars", _JarGroup)


def jars(tx: Transaction, jar_ids: Sequence[str]) -> dict[str, str]:
    """Return the merge groups that jars are in, by the jars; one that is in none is left out."""
    return {row.jar_id: row.root_id for row in _jars(tx, jar_ids=jar_ids)}
