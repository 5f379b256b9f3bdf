"""Explain whether two subjects are one, and why."""

from collections.abc import Mapping
from typing import Any

from app import context, security
from app.openapi import Blueprint
from app.schemas.explain import ExplainQuery, ExplainResponse, answered, subject
from graph.acts import explain

blueprint = Blueprint("explain", __name__, url_prefix="/api/v1", description="Why two are one, or why they are not.")
blueprint.before_request(security.require_secret_key)


@blueprint.get("/explain")
@blueprint.arguments(ExplainQuery, location="query")
@blueprint.response(200, ExplainResponse)
@blueprint.alt_response(404, success=False)
def get_explain(asked: dict[str, Any]) -> Mapping[str, Any]:
    """Explain whether two are one: how sure that is, by which steps, or what stands against it."""
    bound = context.bound(asked["min_confidence"])
    return answered(context.graph().read(explain.act, subject(asked["a"]), subject(asked["b"]), bound, at=asked["at"]))
