"""List clusters."""

from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import page, place_in
from graph.acts import clusters


def run(asked: Sent) -> dict[str, Any]:
    """Return a page of the tenant's clusters, largest first."""
    of = name_of(asked["label"])
    found = context.graph().read(
        clusters.page,
        label=asked["label"],
        members_min=asked["min_members"],
        after=place_in(of, asked["cursor"]),
        limit=asked["limit"] + 1,
    )
    items, next_cursor = page(of, found, asked["limit"], lambda last: (last.members, last.cluster_id))
    return {"items": items, "next_cursor": next_cursor}


def name_of(label: str | None) -> tuple[str, ...]:
    """Return the name of the list of a label in its cursors."""
    return ("clusters", label or "")
