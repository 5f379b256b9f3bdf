"""What a tenure that chooses again whom it follows reads."""

from graph.query import query
from graph.rules.identifying import Above

gather = query("adopt/gather", Above)
