"""Read the audit trail."""

import json
from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.audit import AuditQuery, AuditResponse
from app.schemas.paging import cursor, place_in
from app.schemas.wire import wire_time
from app.services import audit
from graph.rules.times import BEGINNING, END

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="Who changed what, and why.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/audit")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditResponse)
def get_audit(asked: dict[str, Any]) -> dict[str, Any]:
    """What was changed about a user or a visitor, newest first."""
    of = ("audit", asked["about"])
    found = context.database().read(
        audit.page,
        context.caller().tenant,
        asked["about"],
        since=asked["since"] or BEGINNING,
        before=place_in(of, asked["cursor"]) or (asked["until"] or END, ""),
        limit=asked["limit"] + 1,
    )
    items = found[: asked["limit"]]
    last = items[-1] if len(found) > asked["limit"] else None
    return {
        "items": [{**vars(one), "before": _json(one.before), "after": _json(one.after)} for one in items],
        "next_cursor": cursor(of, wire_time(last.at), last.entry_id) if last else None,
    }


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
