"""The query of ties that come loose."""

from dataclasses import dataclass
from datetime import datetime

from graph.query import query


@dataclass(frozen=True)
class Loose:
    """A tie by fingerprint from a tenure to the one above it; the later of the two was first used at `seen`."""

    tenure_id: str
    seen: datetime
    above_id: str
    is_above_later: bool
    fingerprint: str
    confidence: float
    evidence: str

    @property
    def later_id(self) -> str:
        """The tenure that was first used later. It is the one that the tie placed, in whatever order the two arrived."""
        return self.above_id if self.is_above_later else self.tenure_id


gather = query("loosen/gather", Loose)
