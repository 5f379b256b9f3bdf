"""What is counted by day: changes of relationships and of who is who, visits, first logins, devices, and confidence."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

#: What identifies a count within a report: a name, and a detail, which may be empty.
CountPlace = tuple[str, str]
CountsByPlace = Counter[CountPlace]

#: How long before the first run a tenant's days are counted, at most.
DAYS_MAX = 400
#: Numbers of devices or users that are counted by themselves; larger ones are counted together.
NUMBERS = ((1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5"), (10, "6-10"), (100, "11-100"))
MANY = "101-"
#: Times from the first visit to the first login.
_WAITS = (
    (timedelta(minutes=1), "1 min"),
    (timedelta(minutes=30), "30 min"),
    (timedelta(hours=1), "1 h"),
    (timedelta(days=1), "1 d"),
    (timedelta(days=7), "7 d"),
    (timedelta(days=30), "30 d"),
)
_LONGER = "longer"


@dataclass(frozen=True)
class DailyReport:
    """A report has a row for each day, name and detail. `columns` are the names of these columns; `about` says what it tells."""

    name: str
    columns: tuple[str, ...]
    about: str
    #: Whether it tells how things stand at the end of a day, and so cannot be counted later.
    is_state: bool = False


REPORTS: Mapping[str, DailyReport] = MappingProxyType(
    {
        report.name: report
        for report in (
            DailyReport(
                "relationships",
                ("change", "source"),
                "How many relationships were made, strengthened, weakened, faded and removed, by the surest source.",
            ),
            DailyReport(
                "identities",
                ("change", "method"),
                "How many changes of who is who were made: merges, splits, links, ties, decisions and erasures.",
            ),
            DailyReport(
                "visits", ("method", "confidence"), "How many visits were recognised, by which method and how surely."
            ),
            DailyReport(
                "reach", ("kind",), "How many sessions there were, and of how many visitors, identities and users."
            ),
            DailyReport(
                "first_logins", ("within",), "How many users logged in first, by the time since their first visit."
            ),
            DailyReport(
                "devices",
                ("kind", "number"),
                "How many users have how many devices, and how many devices have how many users.",
                is_state=True,
            ),
            DailyReport(
                "confidence",
                ("confidence", "source"),
                "How many relationships were how sure, by source.",
                is_state=True,
            ),
        )
    }
)


@dataclass(frozen=True)
class AuditedChange:
    """An entry of the audit trail; `before` and `after` are JSON."""

    entry_id: str
    change_id: str
    act: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RecognisedVisit:
    """A session as it was recognised, and whose it is. Without an identity it is being erased."""

    method: str
    confidence: float
    is_bot: bool
    visitor_id: str | None
    identity_id: str | None
    has_user: bool | None


@dataclass
class Changes:
    """What the audit trail says of a day. `logins` are the changes by which each user claimed something not theirs yet."""

    relationships: CountsByPlace = field(default_factory=Counter)
    identities: CountsByPlace = field(default_factory=Counter)
    logins: dict[str, list[str]] = field(default_factory=dict)

    def add(self, entries: Iterable[AuditedChange]) -> None:
        """Count entries. A change with several subjects has an entry for each, and only the first one counts."""
        for entry in entries:
            if entry.entry_id == f"{entry.change_id}_0":
                self._add(entry, _object(entry.before), _object(entry.after))

    def _add(self, entry: AuditedChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        was, now = _relationship(before), _relationship(after)
        if now is not None or entry.act in GONE:
            change = _change(entry.act, was, now)
            if change is not None:
                self.relationships[change, str((now or was or {}).get("source", ""))] += 1
        # A login, and a statement that claims.
        for login in (after, after.get("claimed") or {}):
            if now is not None and login.get("login", AGAIN) != AGAIN:
                self.logins.setdefault(str(now["userId"]), []).append(entry.change_id)
        if "tiedTo" in after:
            self.identities["tied", str(after["method"])] += 1
        # An erasure takes from an entry what it said.
        elif entry.act == "visibility" and "visible" in after:
            self.identities["shown" if after["visible"] else "hidden", ""] += 1
        elif entry.act in DECISIONS:
            self.identities[DECISIONS[entry.act], ""] += 1


@dataclass
class Visits:
    """The visits of a day. Crawlers and programs that say what they are count as nobody's."""

    methods: CountsByPlace = field(default_factory=Counter)
    sessions: int = 0
    visitors: set[int] = field(default_factory=set)
    identities: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)

    def add(self, visits: Iterable[RecognisedVisit]) -> None:
        """Count visits. Of each id its hash is enough to count it once."""
        for visit in visits:
            if visit.is_bot or visit.identity_id is None:
                continue
            self.methods[visit.method, bucket(visit.confidence)] += 1
            self.sessions += 1
            self.visitors.add(hash(visit.visitor_id))
            self.identities.add(hash(visit.identity_id))
            if visit.has_user:
                self.users.add(hash(visit.identity_id))

    def reach(self) -> CountsByPlace:
        """Return the numbers of sessions, visitors, identities, and those of them that are a user; also where they are 0."""
        return Counter(
            {
                ("sessions", ""): self.sessions,
                ("visitors", ""): len(self.visitors),
                ("identities", ""): len(self.identities),
                ("users", ""): len(self.users),
            }
        )


#: What the audit trail says of a login where the user had logged in before.
AGAIN = "again"
#: Acts that end a relationship, as its change is called. A removal, too, where there was only a claim.
GONE: Mapping[str, str] = MappingProxyType({"sweep": "faded", "release": "removed"})
#: Other acts that say who is who, as their changes are called.
DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "merge": "merged",
        "split": "split",
        "link": "linked",
        "unlink": "unlinked",
        "accept": "accepted",
        "refuse": "refused",
        "loosen": "loosened",
        "settle": "settled",
        "repair": "repaired",
        "rebuild": "rebuilt",
        "erase": "erased",
    }
)


def due(last: date | None, first: date, kept: date, today: date, late: timedelta) -> list[date]:
    """Return the days to count, in order: from the `last` day that was counted, and before it those with late visits.

    `first` is the first day on which anything happened. Visits may arrive so `late`. Sessions before `kept` may be removed by
    now, so what was counted of them stays.
    """
    if last is None:
        begin = first
    elif last >= today:
        begin = max(today - timedelta(days=1), kept)
    else:
        begin = max(last - late, min(kept, last))
    begin = min(begin, today)
    return [begin + timedelta(days=number) for number in range((today - begin).days + 1)]


def first_logins(seconds: Sequence[int]) -> CountsByPlace:
    """Count the times, in seconds, between first visits and first logins, by the shortest of the bounds that each keeps."""
    return Counter((_wait(timedelta(seconds=each)), "") for each in seconds)


def numbers(kind: str, counts: Mapping[int, int]) -> CountsByPlace:
    """Count subjects of a kind by the number of what they have; `counts` has each number with that of its subjects."""
    found: CountsByPlace = Counter()
    for number, count in counts.items():
        found[kind, next((name for most, name in NUMBERS if number <= most), MANY)] += count
    return found


def bucket(confidence: float) -> str:
    """Return the bucket of a confidence, 0–1, in percent: `0`, or `1-10` to `91-100`."""
    # Halves are rounded up, as where a relationship's figure is shown.
    percent = int(confidence * 100 + 0.5)
    if percent <= 0:
        return "0"
    first = (min(percent, 100) - 1) // 10 * 10 + 1
    return f"{first}-{first + 9}"


def _wait(waited: timedelta) -> str:
    return next((name for most, name in _WAITS if waited <= most), _LONGER)


def _change(act: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str | None:
    if now is None:
        return GONE[act] if was is not None else None
    if was is None:
        return "made"
    return "weakened" if now["confidence"] < was["confidence"] else "strengthened"


def _relationship(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the relationship that one side of an entry has: the side itself, or within it; None if there is none."""
    within = said.get("relationship", said)
    return within if isinstance(within, Mapping) and "confidence" in within and "userId" in within else None


def _object(text: str | None) -> Mapping[str, Any]:
    return json.loads(text) if text else {}
