"""The events of visitors, users and identities in time order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.database import Transaction
from graph.model import Seen
from graph.queries import query
from graph.rules.journeys import Stream
from graph.rules.probable import Bound, Link, now_worth, strongest


@dataclass(frozen=True)
class Event:
    """An event as recorded, with what was observed with it, or with its session where a server sent it.

    `identity_id` and `confidence` are whom it was taken for then, and how surely.
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
class _Held:
    """A tenure and what it is an identity's by: certainly, or through a link to `target_id`, one of its `probable`."""

    tenure_id: str
    visitor_id: str
    confidence: float
    first_seen: datetime
    last_seen: datetime
    events: int
    target_id: str | None
    probable: list[Link]

    def stream(self) -> Stream:
        return Stream(self.tenure_id, self.visitor_id, self.confidence, self.first_seen, self.last_seen, self.events)


_of_visitor = query("journeys/of_visitor", Stream)
_of_identity = query("journeys/of_identity", _Held)
_page = query("journeys/page", Event)


def of_visitor(tx: Transaction, tenant: str, visitor_id: str) -> list[Stream]:
    """The tenures of a visitor that have events."""
    return _of_visitor(tx, tenant=tenant, visitor_id=visitor_id)


def of_identity(tx: Transaction, tenant: str, identity_id: str, bound: Bound) -> list[Stream]:
    """The tenures that are an identity's, certainly or by the strongest probable link they have, and have events."""
    streams: dict[str, Stream] = {}
    for row in _of_identity(tx, tenant=tenant, identity_id=identity_id):
        sure = row.stream()
        if row.target_id is not None:
            link = strongest(row.probable, bound)
            if link is None or link.identity_id != row.target_id:
                continue
            sure = replace(sure, confidence=min(sure.confidence, now_worth(link, bound)))
        known = streams.get(sure.tenure_id, sure)
        streams[sure.tenure_id] = max(known, sure, key=lambda stream: stream.confidence)
    return list(streams.values())


def page(
    tx: Transaction,
    tenant: str,
    tenure_ids: Sequence[str],
    *,
    after: tuple[datetime, str],
    until: datetime,
    limit: int,
) -> list[Event]:
    """Of each tenure the first `limit` events after a (time, event id) and before a time."""
    return _page(
        tx,
        tenant=tenant,
        rows=[{"tenure_id": tenure_id} for tenure_id in tenure_ids],
        after_at=after[0],
        after_id=after[1],
        until=until,
        limit=limit,
    )
