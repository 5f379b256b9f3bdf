"""Read a journey: events in time order."""

import json
from collections.abc import Callable
from typing import Any

from flask import request

from app import context, security
from app.openapi import Blueprint
from app.schemas.context import context_of
from app.schemas.journeys import JourneyQuery, JourneyResponse
from app.schemas.paging import cursor, place_in
from app.schemas.wire import wire_time
from graph.acts import journeys
from graph.rules import times
from graph.transaction import Transaction

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1", description="Events in time order.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/visitors/<subject>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_visitor(asked: dict[str, Any], subject: str) -> dict[str, Any]:
    """List a visitor's events, whoever used it."""
    return _journey(journeys.of_visitor, asked, subject)


@blueprint.get("/users/<subject>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_user(asked: dict[str, Any], subject: str) -> dict[str, Any]:
    """List a user's events on all devices: those claimed, those that follow by ties, and those probably theirs."""
    return _journey(journeys.of_user, asked, subject)


@blueprint.get("/identities/<subject>/journey")
@blueprint.arguments(JourneyQuery, location="query")
@blueprint.response(200, JourneyResponse)
@blueprint.alt_response(404, success=False)
def get_journey_of_identity(asked: dict[str, Any], subject: str) -> dict[str, Any]:
    """List the events of the identity that an id belongs to."""
    return _journey(journeys.of_identity, asked, subject)


def _journey(
    read: Callable[[Transaction, journeys.Asked], journeys.JourneyPage], asked: dict[str, Any], subject: str
) -> dict[str, Any]:
    of = (request.path,)
    page = context.graph().read(
        read,
        journeys.Asked(
            subject=subject,
            after=place_in(of, asked["cursor"]) or (asked["since"] or times.BEGINNING, ""),
            until=asked["until"] or times.END,
            bound=context.bound(asked["min_confidence"]),
            limit=asked["limit"],
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
