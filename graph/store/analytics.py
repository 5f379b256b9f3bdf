"""Counts by day, and what they are counted from."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.rules.analytics import AuditedChange, RecognisedVisit


@dataclass(frozen=True)
class PagedChange(AuditedChange):
    """An entry of the audit trail, and when it was written."""

    at: datetime


@dataclass(frozen=True)
class PagedVisit(RecognisedVisit):
    """A session, and when it began."""

    session_id: str
    started_at: datetime


@dataclass(frozen=True)
class FirstLogin:
    """How long after a user's first visit the first login was, in seconds."""

    seconds: int


@dataclass(frozen=True)
class Numbered:
    """How many users or devices have a number of the other."""

    number: int
    count: int


@dataclass(frozen=True)
class DailyCount:
    """One count of a day."""

    day: str
    name: str
    detail: str
    count: int
    counted_at: datetime


@dataclass(frozen=True)
class CountedDay:
    """A day that was counted: `2026-11-30`."""

    day: str


@dataclass(frozen=True)
class Began:
    """When something happened first."""

    at: datetime


changes = query("analytics/changes", PagedChange)
visits = query("analytics/visits", PagedVisit)
first_logins = query("analytics/first_logins", FirstLogin)
devices_of_users = query("analytics/devices_of_users", Numbered)
users_of_devices = query("analytics/users_of_devices", Numbered)
keep = query("analytics/keep", Nothing)
counts = query("analytics/counts", DailyCount)
last_day = query("analytics/last_day", CountedDay)
first_visit = query("analytics/first_visit", Began)
first_change = query("analytics/first_change", Began)
