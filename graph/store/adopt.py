"""The query of a tenure that adopts again."""

from graph.query import query
from graph.rules.identifying import Above

gather = query("adopt/gather", Above)
