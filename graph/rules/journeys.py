"""Events of several tenures as one journey in time order, read no further than a page needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Stream:
    """The events of one tenure: between when they are, how many, and how sure it is that they belong here, 0–1."""

    tenure_id: str
    visitor_id: str
    confidence: float
    first_seen: datetime
    last_seen: datetime
    events: int


def relevant(streams: Sequence[Stream], *, after: datetime, until: datetime, confidence_min: float) -> list[Stream]:
    """The streams that may have events in the time asked for and are sure enough, earliest first."""
    return sorted(
        (
            stream
            for stream in streams
            if stream.confidence >= confidence_min and stream.last_seen >= after and stream.first_seen < until
        ),
        key=lambda stream: (stream.first_seen, stream.tenure_id),
    )


def next_group(streams: Sequence[Stream], size: int) -> int:
    """How many of the streams to open together: enough for `size` events should nothing of them be past yet."""
    events = 0
    for opened, stream in enumerate(streams, start=1):
        events += stream.events
        if events >= size:
            return opened
    return len(streams)
