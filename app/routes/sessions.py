"""Read a session."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.context import context_of
from app.schemas.paging import ConfidenceQuery
from app.schemas.sessions import SessionResponse
from graph.acts import reads
from graph.model import Evidence, Match, Method
from graph.rules import sessions
from graph.store.messages import recall

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1", description="Visits.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/sessions/<session_id>")
@blueprint.arguments(ConfidenceQuery, location="query")
@blueprint.response(200, SessionResponse)
@blueprint.alt_response(404, success=False)
def get_session(asked: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Get a session as it was observed, and whose it is now."""
    bound = context.bound(asked["min_confidence"])
    found, standing = context.graph().read(reads.session, session_id, bound)
    return {
        **vars(found),
        **vars(standing),
        "match": Match(Method(found.method), found.confidence, recall(found.evidence, tuple[Evidence, ...])),
        "expires_at": sessions.expires_at(found.started_at, found.last_seen, context.policy()),
        "page": {"url": found.page_url, "referrer": found.page_referrer, "title": found.page_title},
        "context": context_of(found.seen),
    }
