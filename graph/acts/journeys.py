"""Read a journey, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from graph.acts import reads, weigh
from graph.rules import journeys as rules
from graph.rules import times
from graph.rules.identifiers import kept_id
from graph.rules.probable import Bound
from graph.store import journeys as store
from graph.transaction import Transaction

S = TypeVar("S", bound=rules.Stream)

#: How many events of a page are read at first. It is the usual limit, so that most pages are one part.
FIRST_PART = 100
#: How many tenures are read at first, and ten times as many each time after that: each reading looks at all of them.
FIRST_STREAMS = 100


@dataclass(frozen=True)
class Asked:
    """Which part of the journey of a subject, the id of a visitor, user or identity.

    The events are those after `after` (a time and an event id) and before `until` that belong to the journey with at
    least the confidence of the `bound` (0–1). A page has at most `limit` events, and their texts at most `bytes_max`; one
    event it has in any case. With `at`, it is the journey as of that time (graph/acts/journeys_then.py).
    """

    subject: str
    after: tuple[datetime, str]
    until: datetime
    bound: Bound
    limit: int
    bytes_max: int
    at: datetime | None = None


@dataclass(frozen=True)
class Touch:
    """One event of a journey, its visitor, and the confidence, 0–1, that it belongs to the journey."""

    event: store.Event
    visitor_id: str
    confidence: float

    @property
    def size(self) -> int:
        """The bytes of what a client may have made long: the properties and the page."""
        event = self.event
        texts = (event.properties, event.page_url, event.page_referrer, event.page_title)
        return sum(len(text.encode()) for text in texts if text is not None)


@dataclass(frozen=True)
class JourneyPage:
    """One page of events in time order; `has_more` says whether more follow."""

    items: tuple[Touch, ...]
    has_more: bool


@dataclass
class Streams(Generic[S]):
    """The tenures of a journey in the order of their first times, read as far as a page needs them.

    `read` returns the next of them, and `choose` which of these count. `found` are those that do, of those read so far.
    """

    read: Callable[[store.NextStreams], Sequence[S]]
    choose: Callable[[Sequence[S]], list[rules.Stream]]
    wanted: store.NextStreams
    found: list[rules.Stream] = field(default_factory=list)
    is_whole: bool = False

    def more(self) -> list[rules.Stream]:
        """Read the next tenures, and return those of them that count."""
        read = self.read(self.wanted)
        places = {(stream.first_seen, stream.tenure_id) for stream in read}
        self.is_whole = len(places) < self.wanted.limit
        if places:
            first_seen, tenure_id = max(places)
            self.wanted = replace(
                self.wanted,
                after_at=times.of_milliseconds(first_seen),
                after_id=tenure_id,
                limit=10 * self.wanted.limit,
            )
        # A tenure on no visitor is damage, and no end of the list.
        chosen = self.choose([stream for stream in read if stream.visitor_id])
        self.found += chosen
        return chosen


def of_visitor(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of a visitor, whoever used it; raise `NotFound` if there is no such visitor."""
    streams = Streams(lambda wanted: store.of_visitor(tx, asked.subject, wanted), list, first(asked))
    if not streams.more():
        reads.find_visitor(tx, asked.subject)
    return read(tx, asked, streams)


def of_user(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of a user over all devices; raise `NotFound` if there is no such user.

    It has the events of the tenures that the user claimed, of those that follow from a claim, and of those that are
    probably the user's.
    """
    user_id = kept_id(asked.subject)
    streams = Streams(lambda wanted: store.of_user(tx, user_id, wanted), _choose(tx, asked.bound), first(asked))
    if not streams.more():
        reads.find_user(tx, asked.subject)
    return read(tx, asked, streams)


def of_identity(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of the identity that an id belongs to; raise `NotFound` if there is none.

    It is empty if the id is of a tenure of a hidden user or relationship.
    """
    standing = reads.identity(tx, asked.subject, asked.bound)
    if standing.method == "hidden":
        return JourneyPage((), has_more=False)
    return read(tx, asked, streams_of(tx, standing.identity_id, asked))


def streams_of(tx: Transaction, identity_id: str, asked: Asked) -> Streams[store.IdentityStream]:
    """Return the tenures with events that are an identity's, each once, with the confidence that it is."""
    return Streams(lambda wanted: store.of_identity(tx, identity_id, wanted), _choose(tx, asked.bound), first(asked))


def first(asked: Asked) -> store.NextStreams:
    """Return which tenures are read first."""
    return store.NextStreams(asked.after[0], asked.until, times.BEGINNING, "", FIRST_STREAMS)


def _choose(tx: Transaction, bound: Bound) -> Callable[[Sequence[store.IdentityStream]], list[rules.Stream]]:
    return lambda candidates: _chosen(tx, candidates, bound)


def _chosen(tx: Transaction, candidates: Sequence[store.IdentityStream], bound: Bound) -> list[rules.Stream]:
    """Return each tenure once, with the confidence that it is the identity's.

    A tenure that an inference leads from counts if it is read as this identity's within the bound.
    """
    streams: dict[str, rules.Stream] = {}
    for candidate in weigh.weigh_each(tx, candidates, bound.policy):
        stream: rules.Stream = candidate
        if candidate.resolved is not None:
            standing = candidate.resolved.standing(bound)
            if (standing.method, standing.identity_id) != ("probable", candidate.identity_id):
                continue
            stream = replace(candidate, confidence=standing.confidence)
        other = streams.get(stream.tenure_id, stream)
        streams[stream.tenure_id] = max(other, stream, key=lambda either: either.confidence)
    return list(streams.values())


def read(tx: Transaction, asked: Asked, streams: Streams[S]) -> JourneyPage:
    """Merge the streams into one page.

    A long page is read in parts, each at most twice as long as the one before, until the page is full of bytes: 1,000
    events of 32 kB are 32 MB.
    """
    items: list[Touch] = []
    held, wanted = 0, min(asked.limit, FIRST_PART)
    while True:
        part = _part(tx, replace(asked, limit=wanted), streams)
        for touch in part.items:
            held += touch.size
            if items and held > asked.bytes_max:
                return JourneyPage(tuple(items), has_more=True)
            items.append(touch)
        left = asked.limit - len(items)
        if not part.has_more or not left or held >= asked.bytes_max:
            return JourneyPage(tuple(items), part.has_more)
        last = items[-1].event
        asked = replace(asked, after=(last.at, last.event_id))
        likely = (asked.bytes_max - held) * len(items) // max(1, held)
        wanted = min(left, 2 * wanted, likely + 1)


def _part(tx: Transaction, asked: Asked, streams: Streams[S]) -> JourneyPage:
    """Read the first events; open a later stream only if there are not enough events before its first."""

    def relevant(some: Sequence[rules.Stream]) -> list[rules.Stream]:
        return rules.relevant(some, after=asked.after[0], until=asked.until, confidence_min=asked.bound.confidence_min)

    waiting = relevant(streams.found)
    wanted = asked.limit + 1
    by_tenure: dict[str, rules.Stream] = {}
    read_so_far: list[store.Event] = []
    while True:
        while not waiting and not streams.is_whole:
            waiting = relevant(streams.more())
        if not waiting or _is_full(read_so_far, waiting[0].first_seen, wanted):
            break
        opened = rules.next_group(waiting, wanted)
        by_tenure |= {stream.tenure_id: stream for stream in waiting[:opened]}
        tenure_ids = [stream.tenure_id for stream in waiting[:opened]]
        read_so_far += store.page(tx, tenure_ids, after=asked.after, until=asked.until, limit=wanted)
        read_so_far.sort(key=lambda event: (event.at, event.event_id))
        waiting = waiting[opened:]
    items = tuple(
        Touch(event, by_tenure[event.tenure_id].visitor_id, by_tenure[event.tenure_id].confidence)
        for event in read_so_far[: asked.limit]
    )
    return JourneyPage(items, len(read_so_far) > asked.limit)


def _is_full(events: Sequence[store.Event], next_start: int, wanted: int) -> bool:
    return len(events) >= wanted and times.milliseconds(events[wanted - 1].at) < next_start
