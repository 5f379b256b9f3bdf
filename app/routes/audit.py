"""Read the audit trail."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.audit import AuditQuery, AuditResponse, answered, place
from graph.acts import audit
from graph.rules.times import BEGINNING

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="Who changed what, and why.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/audit")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditResponse)
def get_audit(asked: dict[str, Any]) -> dict[str, Any]:
    """List the changes of a subject, such as a user or a visitor, newest first."""
    found = context.graph().read(
        audit.page,
        asked["about"],
        since=asked["since"] or BEGINNING,
        before=place(asked),
        limit=asked["limit"] + 1,
        policy=context.policy(),
    )
    return answered(asked, found)
