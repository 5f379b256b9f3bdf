"""Tell how long events take from when they happened to when they come in."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class IngestLag:
    """The lag, in milliseconds, of the latest events: half of these came within `p50`, and 95 of 100 within `p95`."""

    events: int
    p50: int | None
    p95: int | None

    @classmethod
    def of(cls, milliseconds: Iterable[int]) -> Self:
        """Return the lag of events that came so many milliseconds after they happened."""
        lags = sorted(milliseconds)
        return cls(len(lags), _percentile(lags, 50), _percentile(lags, 95))


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the least of the values that so many percent of all do not exceed; None if there are no values.

    Example: of 20 values, the 95th percentile is the 19th.
    """
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else None
