"""The transaction that an act runs in, with its tenant, its change and its locks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Self

from neo4j import ManagedTransaction, Result

from graph.errors import Overtaken
from graph.model import Change


class Rung(IntEnum):
    """The kinds of nodes that acts lock, in the order in which every act locks them."""

    JAR = 1
    FINGERPRINT = 2
    VISITOR = 3
    USER = 4


class Locks:
    """The nodes that an act has locked.

    Every act locks the rungs in order, which `take` checks. Each locking query locks the ids of its rung in order. An
    act that locks a rung in two queries can still deadlock with its like, and is run again. A mix of `init` and
    `identify` that locked in natural order deadlocked 93 times in 4 s; in this order it never did.
    """

    def __init__(self) -> None:
        self._held: dict[Rung, set[str]] = {rung: set() for rung in Rung}

    def take(self, rung: Rung, ids: Collection[str]) -> None:
        """Note the nodes that a query has just locked. A node that is locked already may be locked again at any time.

        Raises:
            RuntimeError: A node of a later rung is locked already. Two acts that lock in different orders can deadlock.
        """
        new = set(ids) - self._held[rung]
        later = [later_rung.name for later_rung in Rung if later_rung > rung and self._held[later_rung]]
        if new and later:
            raise RuntimeError(f"{rung.name} {sorted(new)} was locked after {', '.join(later)}")
        self._held[rung] |= new

    def made(self, rung: Rung, ids: Collection[str]) -> None:
        """Note nodes that the act makes itself. Nobody else can hold them, so their order makes no difference."""
        self._held[rung] |= set(ids)

    def held(self, rung: Rung) -> frozenset[str]:
        """Return the nodes of a rung that are locked."""
        return frozenset(self._held[rung])

    def holds(self, rung: Rung, *ids: str) -> bool:
        """Whether all of these nodes are locked."""
        return self._held[rung].issuperset(ids)

    def require(self, rung: Rung, ids: Iterable[str], why: str) -> None:
        """Check that nodes which the act found on the way are locked.

        Raises:
            Overtaken: A node is not locked. The act has to begin again, and then locks what it finds.
        """
        if not self.holds(rung, *ids):
            raise Overtaken(why)


@dataclass(frozen=True)
class Transaction:
    """A managed transaction of the driver. Queries that run in it take their tenant and their change from it."""

    bolt: ManagedTransaction
    _tenant: str | None = None
    _change: Change | None = None
    locks: Locks = field(default_factory=Locks)

    @property
    def tenant(self) -> str:
        """The tenant whose graph it is; raises `RuntimeError` for a transaction of the whole database."""
        if self._tenant is None:
            raise RuntimeError("this transaction is of no tenant: run it by Database.of(tenant)")
        return self._tenant

    @property
    def change(self) -> Change:
        """The change that the act makes; raises `RuntimeError` if the act makes none."""
        if self._change is None:
            raise RuntimeError("this act makes no change: begin it with tx.making(change)")
        return self._change

    def making(self, change: Change) -> Self:
        """Return the same transaction with the change that is made in it from here on."""
        return replace(self, _change=change)

    def run(self, text: str, params: Mapping[str, Any]) -> Result:
        """Run a query's text."""
        return self.bolt.run(text, dict(params))
