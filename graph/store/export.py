"""The queries of an export: of a person, nodes with all their properties; of tables, rows; both page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.model import Seen
from graph.query import query
from graph.rules.probable import Resolved


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


@dataclass(frozen=True)
class TenureRow:
    """A tenure, its jar and visitor, and whose it is; `visitor_id` is the survivor of the merge group."""

    tenure_id: str
    jar_id: str
    visitor_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    sessions: int
    events: int
    resolved: Resolved
    hidden_ids: list[str]


@dataclass(frozen=True)
class PairRow:
    """A relationship of a user and a visitor; its confidence now follows from its rank."""

    user_id: str
    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: str
    verified: bool


@dataclass(frozen=True)
class LinkRow:
    """A user to whom another one was linked, and since when."""

    user_id: str
    since: datetime


@dataclass(frozen=True)
class LinkedRow:
    """A user with the identity of all users linked with it; `links` has those that a caller linked it to."""

    user_id: str
    identity_id: str
    links: list[LinkRow]


@dataclass(frozen=True)
class SessionRow:
    """A session as it was observed and recognised."""

    session_id: str
    tenure_id: str
    started_at: datetime
    last_seen: datetime
    events: int
    method: str
    confidence: float
    fingerprint: str | None
    page_url: str | None
    page_referrer: str | None
    seen: Seen


user = query("export/user", JoinedLine)
visitors = query("export/visitors", JoinedLine)
tenures = query("export/tenures", TenureLine)
visits = query("export/visits", VisitLine)
events = query("export/events", EventLine)
fingerprints = query("export/fingerprints", NodeLine)
warnings = query("export/warnings", NodeLine)
logins = query("export/logins", NodeLine)
identities = query("export/identities", TenureRow)
relationships = query("export/relationships", PairRow)
links = query("export/links", LinkedRow)
sessions = query("export/sessions", SessionRow)
