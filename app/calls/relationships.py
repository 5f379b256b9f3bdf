"""Look up and list the relationships of users and visitors."""

from collections.abc import Callable
from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import page, place_in
from graph.acts import relationships
from graph.rules import decay
from graph.store.relationships import Listed

#: Fields of a list's query that select relationships by more than their confidence.
SELECTING = ("first_seen_from", "first_seen_to", "last_seen_from", "last_seen_to", "source", "verified")


def get(user_id: str, visitor_id: str) -> dict[str, Any]:
    """Return the relationship of a user and a visitor; raises `NotFound` if there is none to show."""
    found = context.graph().read(relationships.get, user_id, visitor_id)
    return {**vars(found), "confidence": confidence(found.rank), "user_id": user_id}


def of_user(user_id: str, asked: Sent) -> dict[str, Any]:
    """Return a page of a user's visitors, strongest first."""
    return _page(relationships.of_user, user_id, asked, "visitor_id")


def of_visitor(visitor_id: str, asked: Sent) -> dict[str, Any]:
    """Return a page of a visitor's users, strongest first."""
    return _page(relationships.of_visitor, visitor_id, asked, "user_id")


def confidence(rank: float) -> int:
    """Return the confidence, 1–100, that a relationship of this rank has now."""
    return decay.shown(rank, context.now(), context.policy().relationship_half_life_days)


def _page(read: Callable[..., list[Listed]], subject: str, asked: Sent, other: str) -> dict[str, Any]:
    of = (other, subject)
    found = context.graph().read(
        read,
        subject,
        wanted=relationships.Wanted(
            confidence_min=asked["min_confidence"],
            confidence_max=asked["max_confidence"],
            **{name: asked[name] for name in SELECTING},
        ),
        after=place_in(of, asked["cursor"]),
        limit=asked["limit"] + 1,
        now=context.now(),
        policy=context.policy(),
    )
    listed, next_cursor = page(of, found, asked["limit"], lambda last: (last.rank, last.other_id))
    return {
        "items": [{**vars(one), other: one.other_id, "confidence": confidence(one.rank)} for one in listed],
        "next_cursor": next_cursor,
    }
