"""Merge the events of several tenures into one journey in time order, and read only as many as a page needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules import times


@dataclass(frozen=True)
class Stream:
    """The events of one tenure: how many, first and last time, and how sure, 0–1, they belong to the journey.

    The times are milliseconds since 1970, since a user has thousands of tenures (docs/decisions/0015).
    """

    tenure_id: str
    visitor_id: str
    confidence: float
    first_seen: int
    last_seen: int
    events: int


def relevant(streams: Sequence[Stream], *, after: datetime, until: datetime, confidence_min: float) -> list[Stream]:
    """Return the streams, earliest first, that are sure enough and may have events in the time asked for."""
    first, end = times.milliseconds(after), times.milliseconds(until)
    return sorted(
        (
            stream
            for stream in streams
            if stream.confidence >= confidence_min and stream.last_seen >= first and stream.first_seen <= end
        ),
        key=lambda stream: (stream.first_seen, stream.tenure_id),
    )


def next_group(streams: Sequence[Stream], size: int) -> int:
    """Return how many streams to open together: the fewest first ones that have `size` events between them.

    All events of a stream are counted, as if none were before the page.
    """
    events = 0
    for opened, stream in enumerate(streams, start=1):
        events += stream.events
        if events >= size:
            return opened
    return len(streams)
