"""The journeys of visitors, users and identities: their events in time order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Seen
from graph.query import query
from graph.rules.journeys import Stream
from graph.rules.probable import Resolved
from graph.transaction import Transaction


@dataclass(frozen=True)
class Event:
    """An event as recorded; `seen` was observed with the event, or with its session if a server sent the event.

    `identity_id` is the identity that the session belonged to when the event was recorded, and `confidence` how sure that
    was, 0–1. `properties` is JSON text.
    """

    event_id: str
    name: str
    at: datetime
    received_at: datetime
    properties: str
    session_id: str
    tenure_id: str
    identity_id: str
    confidence: float
    page_url: str | None
    page_referrer: str | None
    page_title: str | None
    seen: Seen


@dataclass(frozen=True)
class IdentityStream(Stream):
    """A tenure of an identity, or one that an inference leads from to the identity: that one has `resolved`."""

    identity_id: str
    resolved: Resolved | None


@dataclass(frozen=True)
class StreamThen(Stream):
    """A tenure that was an identity's at a time by facts (`is_certain`), or from which only an inference led there."""

    is_certain: bool


@dataclass(frozen=True)
class NextStreams:
    """Which tenures to read: the first `limit` after a first time and id that may have events in a time."""

    since: datetime
    until: datetime
    after_at: datetime
    after_id: str
    limit: int


_of_visitor = query("journeys/of_visitor", Stream)
_of_identity = query("journeys/of_identity", IdentityStream)
_of_visitor_then = query("journeys/of_visitor_then", Stream)
_of_identities_then = query("journeys/of_identities_then", StreamThen)
_page = query("journeys/page", Event)


def of_visitor(tx: Transaction, visitor_id: str, wanted: NextStreams) -> list[Stream]:
    """Return the next tenures of a visitor's merge group."""
    return _of_visitor(tx, visitor_id=visitor_id, **vars(wanted))


def of_identity(tx: Transaction, identity_id: str, wanted: NextStreams) -> list[IdentityStream]:
    """Return the next tenures of a user or a top tenure, by its identity id."""
    return _of_identity(tx, user_id=None, identity_id=identity_id, **vars(wanted))


def of_user(tx: Transaction, user_id: str, wanted: NextStreams) -> list[IdentityStream]:
    """Return the next tenures of a user; none if the user is hidden."""
    return _of_identity(tx, user_id=user_id, identity_id=None, **vars(wanted))


def of_visitor_then(tx: Transaction, visitor_id: str, wanted: NextStreams, *, at: datetime) -> list[Stream]:
    """Return the next tenures of the merge group that a visitor was in at a time."""
    return _of_visitor_then(tx, visitor_id=visitor_id, at=at, **vars(wanted))


def of_identities_then(
    tx: Transaction, identity_ids: Sequence[str], wanted: NextStreams, *, at: datetime
) -> list[StreamThen]:
    """Return the next tenures that belonged, or may have belonged, to users or a top tenure at a time."""
    return _of_identities_then(tx, identity_ids=identity_ids, at=at, **vars(wanted))


def page(
    tx: Transaction,
    tenure_ids: Sequence[str],
    *,
    after: tuple[datetime, str],
    until: datetime,
    limit: int,
) -> list[Event]:
    """Return the first `limit` events of each tenure after a (time, event id) and before a time."""
    return _page(
        tx,
        rows=[{"tenure_id": tenure_id} for tenure_id in tenure_ids],
        after_at=after[0],
        after_id=after[1],
        until=until,
        limit=limit,
    )
