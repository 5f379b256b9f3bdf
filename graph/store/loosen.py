"""The query of ties that come loose."""

from dataclasses import dataclass
from datetime import datetime

from graph.query import query


@dataclass(frozen=True)
class Loose:
    """A tie by fingerprint from a tenure, which was first used at a time, to the one above it."""

    tenure_id: str
    first_seen: datetime
    above_id: str
    fingerprint: str
    confidence: float
    evidence: str


gather = query("loosen/gather", Loose)
