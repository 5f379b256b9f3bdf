"""Run the background jobs.

They finish erasures, rank, sweep and count relationships, count by day, remove what is old, find candidates and clusters,
and check the graph.

Each job of each tenant has a lease in the graph, so only one of many replicas runs it. If that replica dies, another
takes over when the lease ends.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

import uuid6

from app import metrics
from app.config import Settings, previous_secret_keys, secret_key
from app.context import hashing_of
from app.readiness import Readiness
from graph.acts import analytics, candidates, clusters, consistency, erase, rerank, retain, stats, sweep, tenants
from graph.database import Database
from graph.errors import GraphAway, GraphTimeout, GraphUnavailable, IdentityGraphError, NotFound, Refused
from graph.model import Change, NewIds
from graph.rules.consistency import Kind
from graph.rules.policy import Policy
from graph.rules.times import whole_milliseconds
from graph.rules.tombstones import NO_HASHING, Hashing
from graph.store import erase as erasures
from graph.store import jobs as store
from graph.store.messages import keep, recall

logger = logging.getLogger("whograph")

#: How long a process has been ready before it runs jobs. A start's first callers and its jobs would both want Neo4j, and
#: jobs can wait.
BEGIN_AFTER = timedelta(minutes=3)
#: A runner that has not renewed its lease for so long counts as dead. A batch takes well under a second.
LEASE = timedelta(minutes=2)

#: How often `erase` looks for something to do, at most.
ERASE_SECONDS = 60
#: How often `retain` looks for what is too old, at most, since data are kept for days; and how often `candidates` and
#: `clusters` look, since both go by days.
DAILY_SECONDS = 86_400

Progress = Callable[[int], None]


class Alive(Protocol):
    """Renews the lease of a run, and keeps where it goes on."""

    def __call__(self, so_far: int, place: str | None = None) -> None: ...


@dataclass(frozen=True)
class Run:
    """One run of a job for a tenant. The job calls `alive` after each batch, with its count, to renew the lease.

    A job may tell `alive` a place, too, as text: if the run is cut off, the next one goes on from this `place`.
    """

    graph: Database
    tenant: str
    policy: Policy
    at: datetime
    actor: str
    new_id: Callable[[], str]
    alive: Alive
    hashing: Hashing = NO_HASHING
    place: str | None = None


def run_erase(run: Run) -> int:
    """Remove what unfinished erasures have left, and return how many erasures were finished.

    An erasure that fails keeps none of the others waiting; the job fails with its error in the end.
    """
    done, failed = 0, dict[str, IdentityGraphError]()
    rest = erase.Rest(run.policy, run.hashing, run.at, NewIds(run.new_id))
    # Without a key no tombstone can be set, and what is removed could come back.
    while run.hashing.keys and (erasure_id := run.graph.read(erasures.pending, failed)) is not None:
        try:
            erase.finish(run.graph, erasure_id, rest, progress=lambda _: run.alive(done))  # noqa: B023 - called at once
        except GraphAway:
            raise
        except (GraphTimeout, GraphUnavailable) as error:
            failed[erasure_id] = error
            logger.warning("erasure %s of %s failed: %s", erasure_id, run.tenant, error.message)
        else:
            done += 1
        run.alive(done)
    if failed:
        raise next(iter(failed.values()))
    return done


def run_sweep(run: Run) -> int:
    """Close relationships that are too old or have decayed, until none is left; return how many were closed."""
    done, before = 0, None
    while True:
        command = sweep.Sweep(Change(f"chg_{run.new_id()}", run.at, run.actor), run.policy)
        pairs = run.graph.read(sweep.due, command)
        # A pair that need not be closed after all is ranked anew, so it is not due again. Should the same pairs be due
        # twice, the loop ends.
        if not pairs or pairs == before:
            return done
        done += run.graph.write(sweep.act, command, pairs)
        before = pairs
        run.alive(done)


def run_rerank(run: Run) -> int:
    """Rank all relationships by the policy's half-life, if they were ranked by another one."""
    if not run.graph.read(rerank.is_due, run.policy):
        return 0
    done, after = 0, rerank.FIRST
    while pairs := run.graph.read(rerank.page, after):
        done += run.graph.write(rerank.act, pairs, run.policy)
        after = pairs[-1]
        run.alive(done)
    run.graph.write(rerank.remember, run.policy)
    return done


def run_stats(run: Run) -> int:
    """Count the relationships by confidence, for every worker's metrics."""
    counts = run.graph.read_within(stats.SECONDS, stats.confidence, run.policy, run.at)
    run.graph.write(stats.remember, counts)
    return sum(counts)


def run_analytics(run: Run) -> int:
    """Count by day what happened; return how many days were counted."""
    return analytics.act(run.graph, run.policy, run.at, run.alive)


def run_retain(run: Run) -> int:
    """Remove what is older than the tenant keeps it; return how much was removed or stripped."""
    return retain.act(run.graph, run.policy, run.at, run.alive)


def run_candidates(run: Run) -> int:
    """Find visitors that may be one person's, and keep them for somebody to decide; return how many are undecided."""
    return candidates.act(run.graph, run.policy, run.at, run.alive, run.place or "")


def run_clusters(run: Run) -> int:
    """Group users and visitors by what joins them; return how many clusters there are."""
    return clusters.act(run.graph, run.policy, run.at, run.alive)


def run_consistency(run: Run) -> int:
    """Check that the graph agrees with itself; report what is wrong and leave its repair to a person."""
    check = consistency.Check(run.policy, is_repairing=False, at=run.at, actor=run.actor, new_id=run.new_id)
    report = _report_so_far(run.place)
    before = report.kinds.copy()

    def alive(so_far: int) -> None:
        run.alive(so_far, keep(report.goes_on) if report.goes_on else None)

    try:
        consistency.act(run.graph, check, alive, report)
    finally:
        # An interrupted check reports what it has found, since the next one may be interrupted, too.
        metrics.consistency_findings(report.kinds - before)
        wrong = report.kinds - Counter({Kind.NOT_CHECKED: report.not_checked})
        if wrong:
            found = ", ".join(f"{count} {kind}" for kind, count in sorted(wrong.items()))
            logger.warning("the graph of %s does not agree with itself: %s", run.tenant, found)
        if report.not_checked:
            logger.warning("the graph of %s has nodes too large to check: %s", run.tenant, report.not_checked)
    return report.checked.total()


def _report_so_far(place: str | None) -> consistency.Report:
    """Return the report of a run that was cut off; a new one if there was none, or if another release wrote its place."""
    with suppress(Exception):
        if place:
            return consistency.Report.after(recall(place, consistency.Checkpoint))
    return consistency.Report()


#: The jobs by name, in the order in which they run. `rerank` precedes `sweep`, so that sweeping uses the half-life in
#: force; `stats` follows, so that it counts what is left. `analytics` precedes `retain`, which removes what it counts.
#: `candidates` follows `retain`, so that it finds nobody by what is too old; `clusters` follows both, since candidates join.
JOBS: Mapping[str, Callable[[Run], int]] = MappingProxyType(
    {
        "erase": run_erase,
        "rerank": run_rerank,
        "sweep": run_sweep,
        "stats": run_stats,
        "analytics": run_analytics,
        "retain": run_retain,
        "candidates": run_candidates,
        "clusters": run_clusters,
        "consistency": run_consistency,
    }
)
#: Jobs that may take hours. They have a thread of their own, so that no other job waits for them.
LONG = frozenset({"analytics", "retain", "candidates", "clusters", "consistency"})

metrics.expect_jobs(JOBS)


def run(
    database: Database,
    tenant: str,
    name: str,
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    due: timedelta = timedelta(0),
    progress: Progress = lambda _: None,
    keys: Sequence[str] = (),
) -> int | None:
    """Run a job of a tenant, unless another runner has it or its last run began less than `due` ago.

    A failed job is due again after a quarter of `due`. `keys` are the secret keys, the one in force first; `erase` needs
    them. If the job fails, its finished batches stay.

    Returns:
        How many relationships the job dealt with, how many days `analytics` counted, how much `retain` removed, how many
        `candidates` are open, how many `clusters` there are, or how many nodes `consistency` checked; None if it did not run.

    Raises:
        NotFound: There is no such tenant or job.
        Refused: Another runner took the job over (`job_lost`).
        Exception: Whatever stopped the job.
    """
    if name not in JOBS:
        raise NotFound(f"there is no job {name}: there are {', '.join(JOBS)}", code="job_not_found")
    return leased(database, tenant, name, JOBS[name], clock=clock, new_id=new_id, due=due, progress=progress, keys=keys)


def leased(
    database: Database,
    tenant: str,
    name: str,
    job: Callable[[Run], int],
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    due: timedelta = timedelta(0),
    progress: Progress = lambda _: None,
    keys: Sequence[str] = (),
) -> int | None:
    """Run something of a tenant under a lease of this name, as `run` does with a job."""
    graph, policy = database.of(tenant), tenants.policy(database, tenant)
    runner, now = f"run_{new_id()}", whole_milliseconds(clock())
    lease = {"now": now, "due_before": now - due, "retry_before": now - due / 4, "until": now + LEASE}
    taken = graph.write(store.take, name, runner, **lease)
    if not taken.is_ours:
        return None

    outcome, done = "failed", 0

    def alive(so_far: int, place: str | None = None) -> None:
        nonlocal outcome, done
        done = so_far
        if not graph.write(store.renew, name, runner, until=clock() + LEASE, place=place):
            outcome = "lost"
            raise Refused(f"another runner has {name} of {tenant} by now", code="job_lost")
        progress(done)

    try:
        hashing = hashing_of(keys, tenant)
        done = job(Run(graph, tenant, policy, now, f"job:{name}", new_id, alive, hashing, taken.place))
        outcome = "done"
    finally:
        metrics.job(name, outcome, done)
        graph.write(store.finish, name=name, runner=runner, now=clock(), done=done, outcome=outcome)
    return done


def begin(database: Database, settings: Settings, readiness: Readiness) -> None:
    """Start to run due jobs in threads beside the service, unless the settings turn them off.

    They run only while the process has been ready for some minutes, and so never beside its own rehearsal.
    """
    due = intervals(settings)
    if due:
        Schedule(
            database,
            lambda: datetime.now(UTC),
            lambda: str(uuid6.uuid7()),
            due,
            is_quiet=lambda: readiness.has_been_ready_for(BEGIN_AFTER),
            keys=(secret_key(settings), *previous_secret_keys(settings)),
        ).begin()


def intervals(settings: Settings) -> dict[str, timedelta]:
    """Return how often each job runs by itself; jobs that are turned off are left out.

    `consistency` has its own setting, since a whole check costs more than the other jobs. `erase` runs soon after a
    request had no time to finish an erasure. `retain`, `candidates` and `clusters` run once a day.
    """
    if settings.jobs_interval_seconds == 0:
        return {}
    seconds = dict.fromkeys(JOBS, settings.jobs_interval_seconds)
    seconds["consistency"] = settings.consistency_interval_seconds
    seconds["erase"] = min(settings.jobs_interval_seconds, ERASE_SECONDS)
    for daily in ("retain", "candidates", "clusters"):
        seconds[daily] = max(settings.jobs_interval_seconds, DAILY_SECONDS)
    return {name: timedelta(seconds=each) for name, each in seconds.items() if each}


@dataclass(frozen=True)
class Schedule:
    """Runs the jobs of every tenant beside the service, each once per interval, whenever it `is_quiet`."""

    database: Database
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    intervals: Mapping[str, timedelta]
    is_quiet: Callable[[], bool] = lambda: True
    keys: Sequence[str] = ()

    def begin(self) -> None:
        """Start threads that run due jobs and update the metrics, again and again; none waits for another."""
        short = [name for name in self.intervals if name not in LONG]
        long = [name for name in self.intervals if name in LONG]
        for name, act in {
            "jobs": lambda: self.run(short),
            "long jobs": lambda: self.run(long),
            "figures of jobs": self.tell,
        }.items():
            threading.Thread(target=self._forever, args=(act,), name=name, daemon=True).start()

    def run(self, names: Iterable[str]) -> int:
        """Run those of these jobs that are due, each for every tenant before the next; return the number of runs.

        A failure is logged, and the job is due again after a quarter of its interval.
        """
        found = [one.tenant for one in tenants.tenants(self.database)]
        return sum(self._run(name, tenant) for name in names for tenant in found)

    def _run(self, name: str, tenant: str) -> bool:
        due, clock, new_id = self.intervals[name], self.clock, self.new_id
        try:
            if name == "erase" and self.database.of(tenant).read(erasures.pending) is None:
                return False
            done = run(self.database, tenant, name, clock=clock, new_id=new_id, due=due, keys=self.keys)
        except IdentityGraphError as error:
            logger.warning("job %s of %s stopped: %s", name, tenant, error.message)
            return False
        except Exception:
            # A failure for one tenant must not stop the jobs of the others.
            logger.exception("job %s of %s failed", name, tenant)
            return False
        if done is not None:
            logger.info("job %s of %s: %d", name, tenant, done)
        return done is not None

    def tell(self) -> None:
        """Update this process's metrics with the results of every tenant's jobs, whichever runner had them."""
        for one in tenants.tenants(self.database):
            graph = self.database.of(one.tenant)
            metrics.relationship_confidence(one.tenant, graph.read(stats.remembered))
            for job in graph.read(store.jobs):
                # A command has a lease, too, and no interval in which it should be done again.
                if job.name in JOBS and job.outcome == "done" and job.finished_at is not None:
                    metrics.job_done(one.tenant, job.name, job.finished_at)

    def _forever(self, act: Callable[[], object]) -> None:
        waiting = threading.Event()
        # Waiting first keeps replicas from all looking the moment they start. The wait is short enough to take over soon
        # from a runner that died.
        while not waiting.wait(min(min(self.intervals.values()).total_seconds() / 4, 60.0)):
            try:
                if self.is_quiet():
                    act()
            except IdentityGraphError as error:
                logger.warning("jobs wait: %s", error.message)
            except Exception:
                # Without this thread, no job would run until the process is started again.
                logger.exception("%s failed", threading.current_thread().name)
