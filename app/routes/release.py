"""Take a user from many visitors."""

from typing import Any

from app import security
from app.calls import release
from app.openapi import Blueprint
from app.schemas.release import ReleaseRequest, ReleaseResponse
from graph.acts.release import ReleasedFrom

blueprint = Blueprint("release", __name__, url_prefix="/api/v1", description="Undo logins that were not the user's.")
blueprint.before_request(security.require_secret_key)


@blueprint.post("/users/<user_id>/release")
@blueprint.arguments(ReleaseRequest)
@blueprint.response(200, ReleaseResponse)
def post_release(sent: dict[str, Any], user_id: str) -> ReleasedFrom:
    """Take a user from all visitors that only such logins claimed; each is a change of its own, as by `DELETE`.

    It is safe to repeat: what is released is not found again.
    """
    return release.run_each(user_id, sent)
