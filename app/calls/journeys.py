"""Read journeys: events in time order."""

import json
from collections.abc import Callable
from typing import Any

from flask import request

from app import context
from app.calls.arrival import Sent
from app.schemas.context import context_of
from app.schemas.paging import PAGE_BYTES_MAX, cursor, place_in
from app.schemas.wire import wire_time
from graph.acts import journeys, journeys_then
from graph.rules import times
from graph.transaction import Transaction


def of_visitor(visitor_id: str, asked: Sent) -> dict[str, Any]:
    """Return a page of a visitor's events, whoever used it."""
    return _page(journeys_then.of_visitor, visitor_id, asked)


def of_user(user_id: str, asked: Sent) -> dict[str, Any]:
    """Return a page of a user's events on all devices."""
    return _page(journeys_then.of_user, user_id, asked)


def of_identity(identity_id: str, asked: Sent) -> dict[str, Any]:
    """Return a page of the events of the identity that an id belongs to."""
    return _page(journeys_then.of_identity, identity_id, asked)


def _page(
    read: Callable[[Transaction, journeys.Asked], journeys.JourneyPage], subject: str, asked: Sent
) -> dict[str, Any]:
    at = asked["at"]
    of = (request.path,) if at is None else (request.path, wire_time(at))
    page = context.graph().read(
        read,
        journeys.Asked(
            subject=subject,
            after=place_in(of, asked["cursor"]) or (asked["since"] or times.BEGINNING, ""),
            until=asked["until"] or times.END,
            bound=context.bound(asked["min_confidence"]),
            limit=asked["limit"],
            bytes_max=PAGE_BYTES_MAX,
            at=at,
        ),
    )
    last = page.items[-1].event if page.has_more else None
    return {
        "items": [_touch(touch) for touch in page.items],
        "next_cursor": cursor(of, wire_time(last.at), last.event_id) if last else None,
    }


def _touch(touch: journeys.Touch) -> dict[str, Any]:
    event = touch.event
    return {
        **vars(event),
        "event_name": event.name,
        "timestamp": event.at,
        "visitor_id": touch.visitor_id,
        "confidence": touch.confidence,
        "as_recorded": {"identity_id": event.identity_id, "confidence": event.confidence},
        "properties": json.loads(event.properties),
        "page": {"url": event.page_url, "referrer": event.page_referrer, "title": event.page_title},
        "context": context_of(event.seen),
    }
