"""Compare what was said with what is true: does a confidence of 0.6 mean six times in ten?"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

#: The values of `minConfidence` that are asked for.
BOUNDS = (0.5, 0.6, 0.8, 0.9)
#: The width of a bin of the reliability diagram.
WIDTH = 0.1
#: How many standard deviations an interval reaches: 95 of 100 such intervals have the true part in them.
DEVIATIONS = 1.96

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


@dataclass(frozen=True)
class Part:
    """How many of several statements are right, and the mean confidence with which they were made."""

    right: int
    of: int
    confidence: float

    @property
    def precision(self) -> float:
        """The part that is right; 1 of none."""
        return self.right / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of the part (https://doi.org/10.1080/01621459.1927.10502953)."""
        if not self.of:
            return 0.0, 1.0
        z2 = DEVIATIONS**2
        middle = (self.precision + z2 / (2 * self.of)) / (1 + z2 / self.of)
        spread = math.sqrt(self.precision * (1 - self.precision) / self.of + z2 / (4 * self.of**2))
        half = DEVIATIONS * spread / (1 + z2 / self.of)
        return max(0.0, middle - half), min(1.0, middle + half)

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[float, bool]]) -> "Part":
        """Return the part of statements, each a confidence and whether it is right."""
        found = list(pairs)
        mean = sum(confidence for confidence, _ in found) / len(found) if found else 0.0
        return cls(sum(is_right for _, is_right in found), len(found), mean)


def at_least(pairs: Sequence[tuple[float, bool]], bound: float) -> Part:
    """Return the part that is right of what is said with at least this confidence."""
    return Part.of_pairs(pair for pair in pairs if pair[0] >= bound)


def diagram(pairs: Sequence[tuple[float, bool]]) -> dict[float, Part]:
    """Return the part that is right by confidence: the least confidence of each bin, and its part."""
    bins: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, is_right in pairs:
        bins[round(min(1.0 - WIDTH, math.floor(confidence / WIDTH + 1e-9) * WIDTH), 2)].append((confidence, is_right))
    return {least: Part.of_pairs(bins[least]) for least in sorted(bins)}


def grouped(items: Iterable[S], key: Callable[[S], K]) -> dict[K, list[S]]:
    """Return items by a key, in the order of the keys."""
    groups: dict[K, list[S]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return {name: groups[name] for name in sorted(groups, key=str)}
