"""Erase a user or a visitor."""

from app import context
from app.calls.changes import by_whom
from graph.acts import erase
from graph.rules import times
from graph.rules.identifiers import kept_id
from graph.store.erase import Receipt

#: How many things a request removes before it answers: it takes seconds. The job goes on with the rest.
ENOUGH = 30_000


def of_user(user_id: str) -> Receipt:
    """Erase a user, or go on with it."""
    return _run("user", kept_id(user_id))


def of_visitor(visitor_id: str) -> Receipt:
    """Erase a visitor with its merge group, or go on with it."""
    return _run("visitor", visitor_id)


def _run(kind: erase.Person, subject_id: str) -> Receipt:
    command = erase.Erase(kind=kind, id=subject_id, hashing=context.hashing(), clock=context.now, **by_whom(None))
    graph = context.graph()
    erasure_id = graph.write_within(erase.SECONDS, erase.begin, command)
    rest = erase.Rest(command.policy, command.hashing, times.whole_milliseconds(context.now()), command.ids)
    return erase.finish(graph, erasure_id, rest, enough=ENOUGH)
