"""Export a user or a visitor."""

from collections.abc import Iterator
from itertools import chain

from app import context
from app.calls.erase import explained
from app.schemas.export import line
from graph.acts import export
from graph.rules.identifiers import kept_id


def of_user(user_id: str) -> Iterator[str]:
    """Return the lines about a user."""
    with explained(kept_id(user_id)):
        return _lines(export.act(context.graph(), "user", kept_id(user_id), context.policy()))


def of_visitor(visitor_id: str) -> Iterator[str]:
    """Return the lines about a visitor and those merged with it."""
    return _lines(export.act(context.graph(), "visitor", visitor_id, context.policy()))


def _lines(found: Iterator[export.ExportLine]) -> Iterator[str]:
    return (line(each) + "\n" for each in chain(found, [export.ExportLine("end", {})]))
