"""Remove what is older than the tenant's policy keeps it, and nothing that says who is who.

Each batch is a transaction of its own, and nothing is noted between two. A run that was cut off is followed by one that
finds what is left.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.retention import Keeping
from graph.rules.times import BEGINNING, iso_week
from graph.store import retain as store
from graph.store import visitors
from graph.store.retain import AgedSession
from graph.transaction import Transaction

#: How many sessions, collections, places or fingerprints one transaction looks at, and how many of their events it removes.
BATCH = 200
#: The longest time for a transaction, in seconds: longer than a request, and well below the lease of a job.
SECONDS = 30.0


def act(database: Database, policy: Policy, at: datetime, progress: Callable[[int], None] = lambda _: None) -> int:
    """Remove what is too old `at` a time; return how many things were removed or stripped.

    `progress` is called after each batch, with the number so far.
    """
    keeping, done = Keeping.of(policy, at), 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(done)

    if keeping.until > BEGINNING:
        _sessions(database, keeping, count)
    if max(keeping.sessions, keeping.addresses) > BEGINNING:
        _collections(database, keeping, count)
    if keeping.addresses > BEGINNING:
        _places(database, keeping, count)
        _candidates(database, keeping, count)
    if keeping.components > BEGINNING:
        _components(database, keeping, count)
    return done


def _sessions(database: Database, keeping: Keeping, count: Callable[[int], None]) -> None:
    after = AgedSession("", BEGINNING, is_due=False)
    while True:
        page = database.read_within(SECONDS, _page, keeping, after)
        due = [session.session_id for session in page if session.is_due]
        is_whole = not due
        while not is_whole:
            removed, is_whole = database.write_within(SECONDS, batch, keeping, due)
            count(removed)
        if not due:
            count(0)
        if len(page) < BATCH:
            return
        after = max(page, key=lambda session: (session.started_at, session.session_id))


def _page(tx: Transaction, keeping: Keeping, after: AgedSession) -> list[AgedSession]:
    return store.page(
        tx,
        after_at=after.started_at,
        after_id=after.session_id,
        until=keeping.until,
        events_before=keeping.events,
        sessions_before=keeping.sessions,
        addresses_before=keeping.addresses,
        limit=BATCH,
    )


def batch(tx: Transaction, keeping: Keeping, session_ids: Sequence[str]) -> tuple[int, bool]:
    """Remove the next of what is too old of these sessions; return how much, and whether that was the last."""
    visitors.lock_group(tx, sorted(store.lock(tx, session_ids)))
    events = store.events.one(tx, session_ids=session_ids, events_before=keeping.events, limit=BATCH).count
    if events == BATCH:
        return events, False
    stripped = store.strip.one(
        tx,
        session_ids=session_ids,
        events_before=keeping.events,
        addresses_before=keeping.addresses,
        limit=BATCH,
    ).count
    if stripped == BATCH:
        return events + stripped, False
    sessions = store.sessions.one(
        tx,
        session_ids=session_ids,
        events_before=keeping.events,
        sessions_before=keeping.sessions,
        addresses_before=keeping.addresses,
    ).count
    return events + stripped + sessions, True


def _collections(database: Database, keeping: Keeping, count: Callable[[int], None]) -> None:
    after_at, after_id = BEGINNING, ""
    while True:
        page = database.write_within(
            SECONDS,
            store.collections.one,
            after_at=after_at,
            after_id=after_id,
            until=max(keeping.sessions, keeping.addresses),
            sessions_before=keeping.sessions,
            addresses_before=keeping.addresses,
            limit=BATCH,
        )
        count(page.count)
        if page.looked_at < BATCH or page.last_at is None or page.last_id is None:
            return
        after_at, after_id = page.last_at, page.last_id


def _places(database: Database, keeping: Keeping, count: Callable[[int], None]) -> None:
    """Remove the weeks that ended before addresses are kept."""
    week = iso_week(keeping.addresses)
    while True:
        seen = database.write_within(SECONDS, store.sightings.one, week=week, limit=BATCH).count
        count(seen)
        if seen < BATCH:
            break
    while True:
        places = database.write_within(SECONDS, store.places.one, week=week, limit=BATCH)
        count(places.addresses)
        if places.looked_at < BATCH:
            return


def _candidates(database: Database, keeping: Keeping, count: Callable[[int], None]) -> None:
    """Remove the candidates that rest on days before addresses are kept; the job `candidates` finds them by what is left."""
    removed = BATCH
    while removed == BATCH:
        removed = database.write_within(SECONDS, store.candidates.one, before=keeping.addresses, limit=BATCH).count
        count(removed)


def _components(database: Database, keeping: Keeping, count: Callable[[int], None]) -> None:
    after = ""
    while True:
        page = database.write_within(SECONDS, store.components.one, after=after, before=keeping.components, limit=BATCH)
        count(page.count)
        if page.looked_at < BATCH or page.last is None:
            return
        after = page.last
