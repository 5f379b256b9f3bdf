"""List clusters."""

from collections.abc import Sequence
from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import page, place_in
from graph.acts import clusters
from graph.acts.clusters import WantedClusters
from graph.store.clusters import KnownCluster


def run(asked: Sent) -> dict[str, Any]:
    """Return a page of the tenant's clusters, the largest or the most doubtful first."""
    found = context.graph().read(clusters.page, wanted(asked), context.policy())
    items, next_cursor = listed(asked, found)
    return {"items": items, "next_cursor": next_cursor}


def wanted(asked: Sent) -> WantedClusters:
    """Return what a page asks the graph for: one cluster more than it lists.

    Raises:
        BadQuery: The cursor is another list's.
    """
    about = asked["about"] and tuple(asked["about"].split(":", 1))
    return WantedClusters(
        label=asked["label"],
        members_min=asked["min_members"],
        after=place_in(_name_of(asked), asked["cursor"]),
        limit=asked["limit"] + 1,
        order=asked["order"],
        about=about,
    )


def listed(asked: Sent, found: Sequence[KnownCluster]) -> tuple[Sequence[KnownCluster], str | None]:
    """Return the clusters of a page, and the cursor of the next page."""
    return page(_name_of(asked), found, asked["limit"], lambda last: (last.doubt, last.members, last.cluster_id))


def _name_of(asked: Sent) -> tuple[str, ...]:
    """Return the name of the list in its cursors."""
    return ("clusters", asked["order"], asked["label"] or "", asked["about"] or "")
