"""Offer visitors that may be one person's, and take what somebody decides about them."""

from typing import Any

from app import security
from app.calls import candidates
from app.openapi import Blueprint
from app.schemas.candidates import CandidatesQuery, CandidatesResponse, DecidedResponse, DecideRequest
from app.schemas.wire import IdempotencyHeaders
from graph.acts.candidates import DecidedCandidate

blueprint = Blueprint(
    "candidates", __name__, url_prefix="/api/v1", description="Visitors that may be one person's, for you to decide."
)
blueprint.before_request(security.require_secret_key)


@blueprint.get("/candidates")
@blueprint.arguments(CandidatesQuery, location="query")
@blueprint.response(200, CandidatesResponse)
@blueprint.alt_response(404, success=False)
def get_candidates(asked: dict[str, Any]) -> dict[str, Any]:
    """List visitors that were at the same addresses on the same days, surest first.

    A job finds them once a day. Nothing follows from a candidate until somebody accepts or refuses it.
    """
    return candidates.run(asked)


@blueprint.post("/candidates/<candidate_id>/accept")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(DecideRequest)
@blueprint.response(200, DecidedResponse)
@blueprint.alt_response(404, success=False)
def post_accept(headers: dict[str, Any], sent: dict[str, Any], candidate_id: str) -> DecidedCandidate:
    """Merge the two visitors of a candidate; `split` undoes that.

    It is safe to repeat. It is refused where a merge would be, and where somebody refused the candidate before.
    """
    return candidates.accept(candidate_id, sent, headers["idempotency_key"])


@blueprint.post("/candidates/<candidate_id>/refuse")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(DecideRequest)
@blueprint.response(200, DecidedResponse)
@blueprint.alt_response(404, success=False)
def post_refuse(headers: dict[str, Any], sent: dict[str, Any], candidate_id: str) -> DecidedCandidate:
    """Keep the two visitors of a candidate apart, by a cannot-link; the job does not offer them again.

    It is safe to repeat. It is refused where somebody accepted the candidate before.
    """
    return candidates.refuse(candidate_id, sent, headers["idempotency_key"])
