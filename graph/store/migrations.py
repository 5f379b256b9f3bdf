"""The queries of the migration runner."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, load
from graph.query import query
from graph.transaction import Transaction
from graph.vocabulary import LABELS, PROPERTIES, TYPES


@dataclass(frozen=True)
class Applied:
    """A migration that was applied to the database."""

    version: int
    title: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True)
class _Constraint:
    name: str


@dataclass(frozen=True)
class _Index:
    name: str
    state: str


@dataclass(frozen=True)
class _Size:
    size: int


_create_names = query("migrations/create_names", Nothing)
lock = query("migrations/lock", Nothing)
record = query("migrations/record", Nothing)
_constraints = query("migrations/constraints", _Constraint)
_indexes = query("migrations/indexes", _Index)
applied = query("migrations/applied", Applied)
_size = query("migrations/size", _Size)


def lock_constraint() -> str:
    """Return the schema command that the runner needs before the first migration."""
    return load("migrations/lock_constraint")[0]


def schema(tx: Transaction) -> tuple[set[str], dict[str, str]]:
    """Return the names of all constraints, and the state of each index by its name."""
    return {row.name for row in _constraints(tx)}, {row.name: row.state for row in _indexes(tx)}


def size(tx: Transaction) -> int:
    """Return how many nodes the database has."""
    return _size.one(tx).size


def create_names(tx: Transaction) -> None:
    """Make all names of the graph known to Neo4j, which keeps them even if the transaction is rolled back.

    Neo4j drops a plan when a name is used that it did not know as it made the plan. In a new database the plans of reads
    were therefore made twice, the second time while a caller waited: 0.4 s for a visitor.
    """
    _create_names(
        tx,
        labels=list(LABELS),
        types=list(TYPES),
        property_keys=sorted({"tenant"}.union(*PROPERTIES.values())),
    )
