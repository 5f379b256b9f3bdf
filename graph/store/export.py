"""The queries of an export: nodes with all their properties, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.query import query


@dataclass(frozen=True)
class TenureLine:
    """A tenure with its jar and visitor, and the edges that join it to others."""

    tenure_id: str
    tenure: Mapping[str, Any]
    jar: Mapping[str, Any]
    visitor: Mapping[str, Any]
    edges: list[Mapping[str, Any]]


@dataclass(frozen=True)
class VisitLine:
    visit_id: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class EventLine:
    event_id: str
    at: datetime
    session_id: str | None
    said: Mapping[str, Any]


@dataclass(frozen=True)
class JoinedLine:
    """A user or a visitor, with the edges that join it to others."""

    said: Mapping[str, Any]
    edges: list[Mapping[str, Any]]


@dataclass(frozen=True)
class NodeLine:
    said: Mapping[str, Any]


user = query("export/user", JoinedLine)
visitors = query("export/visitors", JoinedLine)
tenures = query("export/tenures", TenureLine)
visits = query("export/visits", VisitLine)
events = query("export/events", EventLine)
fingerprints = query("export/fingerprints", NodeLine)
warnings = query("export/warnings", NodeLine)
logins = query("export/logins", NodeLine)
