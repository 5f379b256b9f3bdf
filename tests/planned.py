"""Whether calls over HTTP run only queries that a rehearsal has planned, each as the call needs it."""

from typing import Any
from weakref import WeakSet

from flask import g, has_request_context, request
from neo4j import ManagedTransaction, Result, ResultSummary

from graph import plans, queries
from graph.transaction import Transaction

#: Without those of the check of the schema, which comes before a rehearsal.
NAMES = {queries.sent(queries.load(name)[0]): name for name in queries.names() if not name.startswith("migrations/")}
#: Takes minutes anyway, and repairs in an order of its own.
UNPLANNED_PATH = "/api/v1/consistency/check"


class Unplanned:
    """Notes the queries of calls that would be planned while the caller waits: the name, and whether after a write."""

    def __init__(self) -> None:
        self.noted: set[tuple[str, str]] = set()
        self._have_written: WeakSet[ManagedTransaction] = WeakSet()
        self._planned = {
            "before a write": set(plans.before_writes()),
            "after a write": set(plans.after_writes()),
        }
        self._run = Transaction.run

    def run(self, tx: Transaction, text: str, params: Any) -> Result:
        """Run a query as the transaction does, and note it if no rehearsal has planned it."""
        when = "after a write" if tx.bolt in self._have_written else "before a write"
        name = NAMES.get(text)
        if name not in {None, *self._planned[when]} and _is_call():
            self.noted.add((str(name), when))
        result = self._run(tx, text, params)
        consume = result.consume

        def consume_and_note() -> ResultSummary:
            summary = consume()
            if summary.counters.contains_updates:
                self._have_written.add(tx.bolt)
            return summary

        result.consume = consume_and_note  # type: ignore[method-assign]
        return result


def _is_call() -> bool:
    """Whether somebody waits who called: not for a check, and not for a command, which makes calls of its own."""
    return has_request_context() and request.path != UNPLANNED_PATH and getattr(g.get("caller"), "job", None) is None
