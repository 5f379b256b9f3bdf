"""Read a journey, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.acts import reads
from graph.rules import journeys as rules
from graph.rules.probable import Bound
from graph.store import identities
from graph.store import journeys as store
from graph.transaction import Transaction


@dataclass(frozen=True)
class Asked:
    """Which part of a journey: events after `after` (a time and an event id) and before `until`, sure enough (0–1)."""

    subject: str
    after: tuple[datetime, str]
    until: datetime
    bound: Bound
    limit: int


@dataclass(frozen=True)
class Touch:
    """One event of a journey: on which visitor, and how sure it is that it belongs to it."""

    event: store.Event
    visitor_id: str
    confidence: float


@dataclass(frozen=True)
class JourneyPage:
    """Events in time order; `has_more` says whether others follow."""

    items: tuple[Touch, ...]
    has_more: bool


def of_visitor(tx: Transaction, asked: Asked) -> JourneyPage:
    """The journey of one visitor, whoever used it; raises `NotFound`."""
    reads.find_visitor(tx, asked.subject)
    return read(tx, asked, store.of_visitor(tx, visitor_id=asked.subject))


def of_user(tx: Transaction, asked: Asked) -> JourneyPage:
    """What a user claimed, what follows from it, and what is probably theirs, over all devices; raises `NotFound`."""
    user = reads.find_user(tx, asked.subject)
    return read(tx, asked, of_whom(tx, user.identity_id, asked.bound))


def of_identity(tx: Transaction, asked: Asked) -> JourneyPage:
    """The journey of whoever an identity id belongs to; raises `NotFound`."""
    standing = reads.identity(tx, asked.subject, asked.bound)
    if standing.method == "hidden":
        return JourneyPage((), has_more=False)
    return read(tx, asked, of_whom(tx, standing.identity_id, asked.bound))


def of_whom(tx: Transaction, identity_id: str, bound: Bound) -> list[rules.Stream]:
    """The tenures with events that are an identity's, certainly or as whose each is read within the bound."""
    held = store.of_identity(tx, identity_id=identity_id)
    standings = identities.resolve(tx, [one.tenure_id for one in held if one.is_probable], bound)
    streams: dict[str, rules.Stream] = {}
    for one in held:
        stream: rules.Stream = one
        if one.is_probable:
            standing = standings[one.tenure_id]
            if (standing.method, standing.identity_id) != ("probable", identity_id):
                continue
            stream = replace(one, confidence=standing.confidence)
        known = streams.get(one.tenure_id, stream)
        streams[one.tenure_id] = max(known, stream, key=lambda either: either.confidence)
    return list(streams.values())


def read(tx: Transaction, asked: Asked, streams: Sequence[rules.Stream]) -> JourneyPage:
    """Merge the streams, opening later ones only while the page is not full of events before them."""
    waiting = rules.relevant(
        streams, after=asked.after[0], until=asked.until, confidence_min=asked.bound.confidence_min
    )
    by_tenure = {stream.tenure_id: stream for stream in waiting}
    wanted = asked.limit + 1
    read_so_far: list[store.Event] = []
    while waiting and not _is_full(read_so_far, waiting[0].first_seen, wanted):
        opened = rules.next_group(waiting, wanted)
        tenure_ids = [stream.tenure_id for stream in waiting[:opened]]
        read_so_far += store.page(tx, tenure_ids, after=asked.after, until=asked.until, limit=wanted)
        read_so_far.sort(key=lambda event: (event.at, event.event_id))
        waiting = waiting[opened:]
    items = tuple(
        Touch(event, by_tenure[event.tenure_id].visitor_id, by_tenure[event.tenure_id].confidence)
        for event in read_so_far[: asked.limit]
    )
    return JourneyPage(items, len(read_so_far) > asked.limit)


def _is_full(events: Sequence[store.Event], next_start: datetime, wanted: int) -> bool:
    return len(events) >= wanted and events[wanted - 1].at < next_start
