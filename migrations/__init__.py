"""The schema of the graph: versioned `.cypher` files, and the runner that applies each once."""

from migrations.runner import check_schema, migrate, status, validate

__all__ = ["check_schema", "migrate", "status", "validate"]
