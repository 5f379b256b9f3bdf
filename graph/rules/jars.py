"""How many machines a visitor's jars are on: jars that follow each other are one browser that loses its cookies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Stretch:
    """The time from a jar's first use to its last. A jar whose name turned out to be that of several `browsers` says so."""

    jar_id: str
    since: datetime
    until: datetime
    browsers: int | None = None


def machines(stretches: Iterable[Stretch]) -> int:
    """Return on how many machines a visitor's known jars are: the most in use at once, or the most browsers of one jar."""
    known = list(stretches)
    return max([alive_at_once(known), *(stretch.browsers or 1 for stretch in known)])


def alive_at_once(stretches: Iterable[Stretch]) -> int:
    """Return how many jars were in use at one time, at most. A jar that ends when another begins counts with it.

    Use only makes a stretch longer, so the figure never falls while the visitor keeps its jars.

    Example: a browser whose cookies last a week has four jars in a month, one after the other: 1. Four laptops with one
    fingerprint have four, each used all month: 4.
    """
    turns = sorted(
        turn for stretch in stretches for turn in ((stretch.since, 0), (max(stretch.since, stretch.until), 1))
    )
    alive = most = 0
    for _, ends in turns:
        alive += -1 if ends else 1
        most = max(most, alive)
    return most
