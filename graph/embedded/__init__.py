"""Download and run Neo4j ourselves (the embedded server), for machines without a Neo4j and without Docker."""

from graph.embedded.run import EmbeddedServer, RunningServer, find, start, stop
from graph.embedded.settings import Tuning
from graph.errors import EmbeddedError

__all__ = ["EmbeddedError", "EmbeddedServer", "RunningServer", "Tuning", "find", "start", "stop"]
