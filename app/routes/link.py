"""Link users that are one person's accounts."""

from typing import Any

from app import security
from app.calls import link
from app.openapi import Blueprint
from app.schemas.link import LinkRequest, LinkResponse, UnlinkQuery
from app.schemas.wire import IdempotencyHeaders
from graph.acts.link import Linked

blueprint = Blueprint("link", __name__, url_prefix="/api/v1", description="Link users that are one person.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/users/<user_id>/link")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(LinkRequest)
@blueprint.response(200, LinkResponse)
@blueprint.alt_response(404, success=False)
def post_link(headers: dict[str, Any], sent: dict[str, Any], user_id: str) -> Linked:
    """Link two users: they are one person's accounts, and have one identity from now on.

    Each user keeps its own relationships, visitors and events. If the two are linked already, the answer has
    `changed: false`.
    """
    return link.run(user_id, sent, headers["idempotency_key"])


@blueprint.delete("/users/<user_id>/link/<to_user_id>")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(UnlinkQuery, location="query")
@blueprint.response(204)
@blueprint.alt_response(404, success=False)
def delete_link(headers: dict[str, Any], asked: dict[str, Any], user_id: str, to_user_id: str) -> None:
    """Undo the link of two users, whichever of them was linked to the other.

    Each has its own identity again, unless other links still join the two.
    """
    link.undo(user_id, to_user_id, asked, headers["idempotency_key"])
