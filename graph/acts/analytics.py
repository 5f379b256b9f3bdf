"""Count by day what happened, from the audit trail and the day's sessions, and read the counts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from graph.acts import stats
from graph.database import Database
from graph.rules import analytics as rules
from graph.rules.analytics import REPORTS, Changes, CountsByPlace, DailyReport, Visits
from graph.rules.policy import Policy
from graph.rules.retention import Keeping
from graph.store import analytics as store
from graph.store.analytics import DailyCount, PagedChange, PagedVisit
from graph.transaction import Transaction

Paged = TypeVar("Paged", PagedChange, PagedVisit)

#: How many entries or sessions one transaction reads, and how many users.
BATCH = 1_000
USERS_BATCH = 100
#: The report that each day has which was counted, also one without any visit.
OF_ALL_DAYS = "reach"
#: How many of a user's tenures are looked at for the first visit; a user with more is left out.
TENURES_MAX = 1_000
#: The longest time for a transaction, in seconds: longer than a request, and well below the lease of a job.
SECONDS = 60.0
#: The most counts of an answer. A day of the report with most rows has 77.
COUNTS_MAX = 50_000


@dataclass(frozen=True)
class CountedDays:
    """The counts of a report, and when the latest of them was made; None if there is none."""

    report: DailyReport
    counts: Sequence[DailyCount]
    counted_at: datetime | None


def act(
    database: Database,
    policy: Policy,
    at: datetime,
    progress: Callable[[int], None] = lambda _counted: None,
    since: date | None = None,
) -> int:
    """Count the days since the last run, and late ones again; return how many days were counted.

    With `since`, count from this day on instead. `progress` is called after each batch, with the number of days so far. Each
    day is kept when it is counted, so a run that was cut off is followed by one that goes on.
    """
    done = 0
    for day in database.read_within(SECONDS, _days, policy, at, since):
        progress(done)
        counted = _happened(database, day, lambda: progress(done))  # noqa: B023 - called at once
        database.write_within(SECONDS, _keep, day, at, counted)
        done += 1
        progress(done)
    today = at.astimezone(UTC).date()
    for state in (_devices, _confidence):
        counted = database.read_within(SECONDS, state, policy, at)
        progress(done)
        database.write_within(SECONDS, _keep, today, at, counted)
        progress(done)
    return done


def days(tx: Transaction, policy: Policy, at: datetime, since: date | None = None) -> int:
    """Return how many days a run `at` a time would count."""
    return len(_days(tx, policy, at, since))


def read(tx: Transaction, report: str, since: date, until: date) -> CountedDays:
    """Return the counts of a report from the day `since` to the day `until`, both included."""
    found, of_all_days = (
        store.counts(tx, report=name, since=str(since), until=str(until), limit=COUNTS_MAX)
        for name in (report, OF_ALL_DAYS)
    )
    return CountedDays(REPORTS[report], found, max((count.counted_at for count in of_all_days), default=None))


def _days(tx: Transaction, policy: Policy, at: datetime, since: date | None) -> list[date]:
    today = at.astimezone(UTC).date()
    kept = Keeping.of(policy, at).sessions.date() + timedelta(days=1)
    last = [date.fromisoformat(found.day) for found in store.last_day(tx, report=OF_ALL_DAYS)]
    if since is not None:
        return rules.due(None, max(since, kept), kept, today, policy.late_delivery)
    earliest = _midnight(today - timedelta(days=rules.DAYS_MAX))
    began = [*store.first_visit(tx, since=earliest), *store.first_change(tx, since=earliest)]
    first = min((found.at.astimezone(UTC).date() for found in began), default=today)
    return rules.due(last[0] if last else None, first, kept, today, policy.late_delivery)


def _happened(database: Database, day: date, alive: Callable[[], None]) -> dict[str, CountsByPlace]:
    """Count what happened on a day, by report."""
    changes, visits = Changes(), Visits()
    for entries in _pages(database, day, store.changes, lambda entry: (entry.at, entry.entry_id)):
        changes.add(entries)
        alive()
    for sessions in _pages(database, day, store.visits, lambda visit: (visit.started_at, visit.session_id)):
        visits.add(sessions)
        alive()
    users, seconds = sorted(changes.logins.items()), list[int]()
    for begin in range(0, len(users), USERS_BATCH):
        rows = [{"user_id": user_id, "change_ids": ids} for user_id, ids in users[begin : begin + USERS_BATCH]]
        found = database.read_within(SECONDS, store.first_logins, rows=rows, tenures_max=TENURES_MAX)
        seconds += [login.seconds for login in found]
        alive()
    return {
        "relationships": changes.relationships,
        "identities": changes.identities,
        "visits": visits.methods,
        "reach": visits.reach(),
        "first_logins": rules.first_logins(seconds),
    }


def _pages(
    database: Database,
    day: date,
    read: Callable[..., list[Paged]],
    place: Callable[[Paged], tuple[datetime, str]],
) -> Iterator[list[Paged]]:
    begin = _midnight(day)
    until, after = begin + timedelta(days=1), (begin, "")
    while found := database.read_within(SECONDS, read, after_at=after[0], after_id=after[1], until=until, limit=BATCH):
        yield found
        after = place(found[-1])


def _devices(tx: Transaction, _policy: Policy, _at: datetime) -> dict[str, CountsByPlace]:
    users, devices = (_numbers(of(tx)) for of in (store.devices_of_users, store.users_of_devices))
    return {"devices": rules.numbers("devices_of_user", users) + rules.numbers("users_of_device", devices)}


def _confidence(tx: Transaction, policy: Policy, at: datetime) -> dict[str, CountsByPlace]:
    counted: CountsByPlace = Counter()
    for found in stats.buckets(tx, policy, at):
        for source, count in found.by_source.items():
            counted[f"{found.first}-{found.last}", source] += count
    return {"confidence": +counted}


def _numbers(found: Sequence[store.Numbered]) -> Mapping[int, int]:
    return {one.number: one.count for one in found}


def _keep(tx: Transaction, day: date, at: datetime, counted: Mapping[str, CountsByPlace]) -> None:
    rows = [
        {"report": report, "name": name, "detail": detail, "count": count}
        for report, counts in counted.items()
        for (name, detail), count in sorted(counts.items())
    ]
    store.keep(tx, day=str(day), at=at, reports=list(counted), rows=rows)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
