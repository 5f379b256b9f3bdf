"""The Neo4j that we download and start ourselves, where there is neither a server of yours nor Docker."""

from graph.embedded.run import EmbeddedServer, RunningServer, find, start, stop
from graph.embedded.settings import AS_SHIPPED, Tuning
from graph.errors import EmbeddedError

__all__ = ["AS_SHIPPED", "EmbeddedError", "EmbeddedServer", "RunningServer", "Tuning", "find", "start", "stop"]
