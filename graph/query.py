"""`query`, as the store loads its queries.

Its stub, `query.pyi`, tells the type checker what each query takes; `python -m graph.generated` writes it from the headers.
"""

from graph.queries import query

__all__ = ["query"]
