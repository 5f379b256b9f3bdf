"""The statements that acts send, by the names of their queries."""

from collections.abc import Iterator
from contextlib import contextmanager

from graph import queries


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the names of the queries that run; those of keys and tenants, which every process remembers, are left out."""
    ran: list[str] = []
    observe, queries.observe = queries.observe, lambda name, _seconds: ran.append(name)
    try:
        yield ran
    finally:
        queries.observe = observe
        ran[:] = [name for name in ran if not name.startswith("tenants/")]
