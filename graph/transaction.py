"""What an act runs in: a transaction in one tenant's graph, what it has locked there, and the change that it makes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Self

from neo4j import ManagedTransaction, Result

from graph.errors import Overtaken
from graph.model import Change


class Rung(IntEnum):
    """The kinds of node that acts lock, in the order in which every act locks them."""

    JAR = 1
    FINGERPRINT = 2
    VISITOR = 3
    USER = 4


class Locks:
    """The nodes that an act has locked.

    Every act goes up the rungs, and each query that locks goes up the ids of its rung. So no two acts wait for each other
    in a circle: in natural order a mix of `init` and `identify` deadlocked 93 times in 4 s, in this order never.
    """

    def __init__(self) -> None:
        self._held: dict[Rung, set[str]] = {rung: set() for rung in Rung}

    def take(self, rung: Rung, ids: Collection[str]) -> None:
        """Note what a query has just locked; what is held already may be locked again at any time.

        Raises `RuntimeError` for a rung below one that is held: an act that goes down can deadlock with its twin.
        """
        new = set(ids) - self._held[rung]
        above = [other.name for other in Rung if other > rung and self._held[other]]
        if new and above:
            raise RuntimeError(f"{rung.name} {sorted(new)} was locked after {', '.join(above)}")
        self._held[rung] |= new

    def holds(self, rung: Rung, *ids: str) -> bool:
        """Whether all of these are locked."""
        return self._held[rung].issuperset(ids)

    def require(self, rung: Rung, ids: Iterable[str], why: str) -> None:
        """Raise `Overtaken` unless all of these are locked: the act found them on the way, and has to gather again."""
        if not self.holds(rung, *ids):
            raise Overtaken(why)


@dataclass(frozen=True)
class Transaction:
    """A managed transaction, which queries run in: they are given its tenant, and the id of its change."""

    bolt: ManagedTransaction
    _tenant: str | None = None
    _change: Change | None = None
    locks: Locks = field(default_factory=Locks)

    @property
    def tenant(self) -> str:
        """Whose graph it is; raises `RuntimeError` for a transaction of the whole database."""
        if self._tenant is None:
            raise RuntimeError("this transaction is of no tenant: run it by Database.of(tenant)")
        return self._tenant

    @property
    def change(self) -> Change:
        """The change that the act makes; raises `RuntimeError` where it makes none."""
        if self._change is None:
            raise RuntimeError("this act makes no change: begin it with tx.making(change)")
        return self._change

    def making(self, change: Change) -> Self:
        """The same transaction, with the change that is made in it from here on."""
        return replace(self, _change=change)

    def run(self, text: str, params: Mapping[str, Any]) -> Result:
        """Run a query."""
        return self.bolt.run(text, dict(params))
