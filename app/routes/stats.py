"""Count a tenant's nodes and relationships."""

from app import context, security
from app.openapi import Blueprint
from app.schemas.stats import StatsResponse
from graph.acts import stats

blueprint = Blueprint(
    "stats", __name__, url_prefix="/api/v1", description="Counts, and how sure the relationships are."
)
blueprint.before_request(security.require_secret_key)


@blueprint.get("/stats")
@blueprint.response(200, StatsResponse)
def get_stats() -> stats.Stats:
    """Count visitors, users, sessions and events, and tell how sure the relationships are now."""
    return context.graph().read_within(stats.SECONDS, stats.act, context.policy(), context.now())
