"""Serve the metrics to Prometheus."""

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST

from app import metrics
from app.openapi import Blueprint

blueprint = Blueprint("metrics", __name__, description="For operators of the service.")


@blueprint.get("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
def get_metrics() -> Response:
    """Get counts and durations in Prometheus's text format; docs/metrics.md describes each."""
    return Response(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
