"""The queries of the migration runner."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing, load
from graph.query import query
from graph.transaction import Transaction


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


lock = query("migrations/lock", Nothing)
record = query("migrations/record", Nothing)
_constraints = query("migrations/constraints", _Constraint)
_indexes = query("migrations/indexes", _Index)
applied = query("migrations/applied", Applied)


def lock_constraint() -> str:
    """Return the schema command that the runner needs before the first migration."""
    return load("migrations/lock_constraint")[0]


def schema(tx: Transaction) -> tuple[set[str], dict[str, str]]:
    """Return the names of all constraints, and the state of each index by its name."""
    return {row.name for row in _constraints(tx)}, {row.name: row.state for row in _indexes(tx)}
