"""A user's visitors and a visitor's users."""

from collections.abc import Callable
from typing import Any

from app import context, security
from app.errors import BadQuery
from app.openapi import Blueprint
from app.schemas.paging import cursor
from app.schemas.relationships import (
    PairSchema,
    RelationshipsQuery,
    UsersOfVisitorResponse,
    VisitorsOfUserResponse,
)
from app.services import relationships
from graph.rules.decay import shown
from graph.store.relationships import Listed, Place

blueprint = Blueprint("relationships", __name__, url_prefix="/api/v1", description="Who used which browser.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/users/<user_id>/visitors")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, VisitorsOfUserResponse)
def get_visitors_of_user(asked: dict[str, Any], user_id: str) -> dict[str, Any]:
    """The visitors a user was seen on, strongest first."""
    return _page(relationships.of_user, user_id, asked, "visitor_id")


@blueprint.get("/visitors/<visitor_id>/users")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, UsersOfVisitorResponse)
def get_users_of_visitor(asked: dict[str, Any], visitor_id: str) -> dict[str, Any]:
    """The users seen on a visitor, strongest first."""
    return _page(relationships.of_visitor, visitor_id, asked, "user_id")


@blueprint.get("/users/<user_id>/visitors/<visitor_id>")
@blueprint.response(200, PairSchema)
@blueprint.alt_response(404, success=False)
def get_relationship(user_id: str, visitor_id: str) -> dict[str, Any]:
    """Whether a user was seen on a visitor, and how sure that is."""
    found = context.database().read(relationships.get, context.caller().tenant, user_id, visitor_id)
    return {**vars(found), "confidence": _shown(found.rank), "user_id": user_id, "visitor_id": visitor_id}


def _page(read: Callable[..., list[Listed]], subject: str, asked: dict[str, Any], other: str) -> dict[str, Any]:
    found = context.database().read(
        read,
        context.caller().tenant,
        subject,
        confidence_min=asked["min_confidence"],
        after=_place(asked["cursor"]),
        limit=asked["limit"] + 1,
        now=context.now(),
        policy=context.policy(),
    )
    items = found[: asked["limit"]]
    last = items[-1] if len(found) > asked["limit"] else None
    return {
        "items": [{**vars(one), other: one.other_id, "confidence": _shown(one.rank)} for one in items],
        "next_cursor": cursor(last.rank, last.other_id) if last else None,
    }


def _shown(rank: float) -> int:
    return shown(rank, context.now(), context.policy().relationship_half_life_days)


def _place(place: list[Any] | None) -> Place | None:
    match place:
        case None:
            return None
        case [int() | float() as rank, str(other_id)]:
            return Place(float(rank), other_id)
    raise BadQuery({"cursor": ["Not a cursor of this list: take nextCursor as it was answered."]})
