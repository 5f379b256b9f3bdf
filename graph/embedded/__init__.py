"""The Neo4j that we download and start ourselves, where there is neither a server of yours nor Docker."""

from graph.embedded.run import EmbeddedServer, RunningServer, find, start, stop
from graph.errors import EmbeddedError

__all__ = ["EmbeddedError", "EmbeddedServer", "RunningServer", "find", "start", "stop"]
