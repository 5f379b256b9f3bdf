"""Erase people, and read how far that has come."""

from app import context, security
from app.calls import erase as calls
from app.openapi import Blueprint
from app.schemas.erase import ErasureResponse
from graph.acts import erase
from graph.store.erase import Receipt

blueprint = Blueprint("erase", __name__, url_prefix="/api/v1", description="Erase people.")
blueprint.before_request(security.require_secret_key)


@blueprint.delete("/users/<user_id>")
@blueprint.response(200, ErasureResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(422, success=False)
def delete_user(user_id: str) -> Receipt:
    """Erase a user: what the user did on all devices, and everything that only this user has.

    The user is gone when the answer comes. A receipt without `finishedAt` says that something is left to remove: the job
    removes it, or the same call again.
    """
    return calls.of_user(user_id)


@blueprint.delete("/visitors/<visitor_id>")
@blueprint.response(200, ErasureResponse)
@blueprint.alt_response(404, success=False)
def delete_visitor(visitor_id: str) -> Receipt:
    """Erase a visitor with all visitors merged with it, whoever used them."""
    return calls.of_visitor(visitor_id)


@blueprint.get("/erasures/<erasure_id>")
@blueprint.response(200, ErasureResponse)
@blueprint.alt_response(404, success=False)
def get_erasure(erasure_id: str) -> Receipt:
    """Get the receipt of an erasure, as far as it has come."""
    return context.graph().read(erase.receipt, erasure_id)
