"""List clusters of users and visitors, and show one."""

from typing import Any

from app import context, security
from app.calls import clusters
from app.openapi import Blueprint
from app.schemas.clusters import ClusterResponse, ClustersQuery, ClustersResponse
from graph.acts import clusters as acts
from graph.acts.clusters import FoundCluster

blueprint = Blueprint(
    "clusters", __name__, url_prefix="/api/v1", description="Groups of users and visitors: households, shared devices."
)
blueprint.before_request(security.require_secret_key)


@blueprint.get("/clusters")
@blueprint.arguments(ClustersQuery, location="query")
@blueprint.response(200, ClustersResponse)
def get_clusters(asked: dict[str, Any]) -> dict[str, Any]:
    """List the clusters that a job found last, the largest or the most doubtful first.

    A cluster is a group of users and visitors that relationships, inferences, candidates and links join.
    """
    return clusters.run(asked)


@blueprint.get("/clusters/<cluster_id>")
@blueprint.response(200, ClusterResponse)
@blueprint.alt_response(404, success=False)
def get_cluster(cluster_id: str) -> FoundCluster:
    """Get a cluster's members, with what joins them now, what kind of group they are, and which edge to doubt first."""
    return context.graph().read(acts.get, cluster_id, context.policy(), context.now())
