"""What a preview of another policy looks at."""

from dataclasses import dataclass

from graph.query import query
from graph.rules.previewing import WornRelationship
from graph.rules.probable import Resolved


@dataclass(frozen=True)
class VisitorStanding:
    """A visitor with its latest tenure and whose that is; `hidden_ids` are identities that no answer tells it belongs to."""

    visitor_id: str
    tenure_id: str
    resolved: Resolved
    hidden_ids: list[str]
    relationships: list[WornRelationship]


standings = query("preview/standings", VisitorStanding)
