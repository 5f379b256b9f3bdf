"""List odd input and refusals."""

from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import page, place_in
from app.schemas.wire import wire_time
from graph.acts import warnings
from graph.rules.times import BEGINNING, END

#: The name of this list in its cursors.
LIST = ("warnings",)


def run(asked: Sent) -> dict[str, Any]:
    """Return a page of the tenant's warnings, newest first."""
    found = context.graph().read(
        warnings.page,
        code=asked["code"],
        since=asked["since"] or BEGINNING,
        before=place_in(LIST, asked["cursor"]) or (asked["until"] or END, ""),
        limit=asked["limit"] + 1,
    )
    items, next_cursor = page(LIST, found, asked["limit"], lambda last: (wire_time(last.at), last.warning_id))
    return {"items": items, "next_cursor": next_cursor}
