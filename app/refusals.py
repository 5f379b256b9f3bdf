"""Note refusals, so that `GET /warnings` lists them."""

import logging

from flask import Flask, Response, g

from app import context
from graph.acts import warnings
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError
from graph.model import Warned
from graph.rules.times import whole_milliseconds

logger = logging.getLogger("whograph.errors")


def note(error: Exception) -> None:
    """Remember an error with a subject until the request is answered; any other error is not listed."""
    if isinstance(error, GraphUnavailable | GraphTimeout):
        g.is_graph_away = True
    if isinstance(error, IdentityGraphError) and error.subject is not None and "key" in g:
        warned = Warned(error.code, error.subject, error.message, whole_milliseconds(context.now()))
        g.setdefault("refusals", []).append(warned)


def init_app(app: Flask) -> None:
    """Make the app record the refusals of each request before it answers."""
    app.after_request(_record)


def _record(response: Response) -> Response:
    """Record all refusals of a request in one transaction of their own: that of a refused act is rolled back.

    They are only logged if the request met an outage: the answer must not wait for Neo4j a second time.
    """
    noted = g.pop("refusals", None)
    if noted and g.get("is_graph_away", False):
        logger.warning("%d refusals are not among the warnings: Neo4j is away", len(noted))
    elif noted:
        try:
            context.graph().write(warnings.record, noted)
        except (GraphUnavailable, GraphTimeout):
            logger.warning("a refusal is not among the warnings: Neo4j did not take it")
    return response
