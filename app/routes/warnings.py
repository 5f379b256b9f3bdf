"""Read the warnings: odd input and refused calls."""

from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.paging import cursor, place_in
from app.schemas.warnings import WarningsQuery, WarningsResponse
from app.schemas.wire import wire_time
from graph.acts import warnings
from graph.rules.times import BEGINNING, END

blueprint = Blueprint("warnings", __name__, url_prefix="/api/v1", description="Refused calls and odd input.")
blueprint.before_request(security.require_secret_key)

#: Names this list in its cursors.
LIST = ("warnings",)


@blueprint.get("/warnings")
@blueprint.arguments(WarningsQuery, location="query")
@blueprint.response(200, WarningsResponse)
def get_warnings(asked: dict[str, Any]) -> dict[str, Any]:
    """List odd input and refusals, newest first."""
    found = context.graph().read(
        warnings.page,
        code=asked["code"],
        since=asked["since"] or BEGINNING,
        before=place_in(LIST, asked["cursor"]) or (asked["until"] or END, ""),
        limit=asked["limit"] + 1,
    )
    items = found[: asked["limit"]]
    last = items[-1] if len(found) > asked["limit"] else None
    return {"items": items, "next_cursor": cursor(LIST, wire_time(last.at), last.warning_id) if last else None}
