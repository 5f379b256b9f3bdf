"""Erase a user or a visitor."""

from collections.abc import Iterator
from contextlib import contextmanager

from marshmallow import ValidationError

from app import context
from app.calls.changes import by_whom
from graph.acts import erase
from graph.errors import NotFound
from graph.rules import times
from graph.rules.identifiers import kept_id
from graph.rules.placeholders import is_placeholder
from graph.store.erase import Receipt

#: How many things a request removes before it answers: it takes seconds. The job goes on with the rest.
ENOUGH = 30_000


def of_user(user_id: str) -> Receipt:
    """Erase a user, or go on with it."""
    with explained(kept_id(user_id)):
        return _run("user", kept_id(user_id))


def of_visitor(visitor_id: str) -> Receipt:
    """Erase a visitor with its merge group, or go on with it."""
    return _run("visitor", visitor_id)


@contextmanager
def explained(user_id: str) -> Iterator[None]:
    """Say of a user who is not found if the id is a placeholder, which names nobody.

    Raises:
        ValidationError: The user is not found, and the id is a placeholder.
    """
    try:
        yield
    except NotFound:
        if is_placeholder(user_id, context.policy().placeholder_user_ids):
            why = "This id names nobody in particular. What came with it is of the visitors that sent it: name one of these."
            raise ValidationError({"userId": [why]}) from None
        raise


def _run(kind: erase.Person, subject_id: str) -> Receipt:
    command = erase.Erase(kind=kind, id=subject_id, hashing=context.hashing(), clock=context.now, **by_whom(None))
    graph = context.graph()
    erasure_id = graph.write_within(erase.SECONDS, erase.begin, command)
    rest = erase.Rest(command.policy, command.hashing, times.whole_milliseconds(context.now()), command.ids)
    return erase.finish(graph, erasure_id, rest, enough=ENOUGH)
