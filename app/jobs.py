"""What is done without being asked: ranking, sweeping and counting relationships, checking the graph, one runner at a time.

Each job of each tenant is leased in the graph, so that of many replicas one runs it, and one that dies is followed by
another once its lease is over.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import uuid6

from app import metrics
from app.config import Settings
from graph.acts import consistency, rerank, stats, sweep, tenants
from graph.database import Database
from graph.errors import IdentityGraphError, NotFound, Refused
from graph.model import Change
from graph.rules.policy import Policy
from graph.rules.times import whole_milliseconds
from graph.store import jobs as store

logger = logging.getLogger("whograph")

#: A runner that was not heard of for so long is taken for dead; one batch takes well under a second.
LEASE = timedelta(minutes=2)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Run:
    """One run of a job for a tenant; `alive` renews its lease after each batch and is told what is done so far."""

    graph: Database
    tenant: str
    policy: Policy
    at: datetime
    actor: str
    new_id: Callable[[], str]
    alive: Progress


def run_sweep(run: Run) -> int:
    """Close what was not seen for long or has faded, until nothing is left that is over."""
    done, before = 0, None
    while True:
        command = sweep.Sweep(Change(f"chg_{run.new_id()}", run.at, run.actor), run.policy)
        pairs = run.graph.read(sweep.due, command)
        # What was not over after all was weighed again, and does not come twice.
        if not pairs or pairs == before:
            return done
        done += run.graph.write(sweep.act, command, pairs)
        before = pairs
        run.alive(done)


def run_rerank(run: Run) -> int:
    """Rank all relationships by the policy's half-life, where they are ranked by another."""
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
    """Count how sure the relationships are, for every worker's metrics."""
    counts = run.graph.read_within(stats.SECONDS, stats.confidence, run.policy, run.at)
    run.graph.write(stats.remember, counts)
    return sum(counts)


def run_consistency(run: Run) -> int:
    """Check that the graph agrees with itself; what to do about what is found is for somebody to decide."""
    check = consistency.Check(run.policy, is_repairing=False, at=run.at, actor=run.actor, new_id=run.new_id)
    report = consistency.Report()
    try:
        consistency.act(run.graph, check, run.alive, report)
    finally:
        # A check that is stopped will find it again, but perhaps be stopped again.
        metrics.consistency_findings(report.kinds)
        if report.kinds:
            found = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items()))
            logger.warning("the graph of %s does not agree with itself: %s", run.tenant, found)
    return report.checked.total()


#: By name, in the order in which they run: what is swept is what it is worth by the half-life in force, and what is
#: counted is what is left.
JOBS: Mapping[str, Callable[[Run], int]] = MappingProxyType(
    {"rerank": run_rerank, "sweep": run_sweep, "stats": run_stats, "consistency": run_consistency}
)
#: What may take hours, so that nothing else waits for it.
LONG = frozenset({"consistency"})

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
) -> int | None:
    """Run a job of a tenant, unless another runner has it or it was begun less than `due` ago; None then.

    One that failed is due after a quarter of that. Answers how many relationships the job dealt with, or nodes where
    these are checked. Raises `NotFound` where there is no such tenant or job, and what stopped the job; what that had
    done until then stays done.
    """
    if name not in JOBS:
        raise NotFound(f"there is no job {name}: there are {', '.join(JOBS)}", code="job_not_found")
    graph, policy = database.of(tenant), tenants.policy(database, tenant)
    runner, now = f"run_{new_id()}", whole_milliseconds(clock())
    lease = {"now": now, "due_before": now - due, "retry_before": now - due / 4, "until": now + LEASE}
    if not graph.write(store.take, name, runner, **lease):
        return None

    outcome, done = "failed", 0

    def alive(so_far: int) -> None:
        nonlocal outcome, done
        done = so_far
        if not graph.write(store.renew, name, runner, until=clock() + LEASE):
            outcome = "lost"
            raise Refused(f"another runner has {name} of {tenant} by now", code="job_lost")
        progress(done)

    try:
        done = JOBS[name](Run(graph, tenant, policy, now, f"job:{name}", new_id, alive))
        outcome = "done"
    finally:
        metrics.job(name, outcome, done)
        graph.write(store.finish, name=name, runner=runner, now=clock(), done=done, outcome=outcome)
    return done


def begin(database: Database, settings: Settings) -> None:
    """Begin to run what is due beside whatever is served, unless the settings say never."""
    due = intervals(settings)
    if due:
        Schedule(database, lambda: datetime.now(UTC), lambda: str(uuid6.uuid7()), due).begin()


def intervals(settings: Settings) -> dict[str, timedelta]:
    """How often each job runs by itself, without those that never do: a whole check is dearer than the others."""
    if settings.jobs_interval_seconds == 0:
        return {}
    seconds = dict.fromkeys(JOBS, settings.jobs_interval_seconds)
    seconds["consistency"] = settings.consistency_interval_seconds
    return {name: timedelta(seconds=each) for name, each in seconds.items() if each}


@dataclass(frozen=True)
class Schedule:
    """Runs the jobs of every tenant, each once its interval, beside whatever is served."""

    database: Database
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    intervals: Mapping[str, timedelta]

    def begin(self) -> None:
        """Run what is due and tell of it, again and again, in threads that do not wait for one another."""
        short = [name for name in self.intervals if name not in LONG]
        long = [name for name in self.intervals if name in LONG]
        for name, act in {
            "jobs": lambda: self.run(short),
            "long jobs": lambda: self.run(long),
            "figures of jobs": self.tell,
        }.items():
            threading.Thread(target=self._forever, args=(act,), name=name, daemon=True).start()

    def run(self, names: Iterable[str]) -> int:
        """Run what is due of these jobs, each for every tenant before the next; says how many runs that were.

        What fails is logged, and due again after a quarter of its interval.
        """
        found = [one.tenant for one in tenants.tenants(self.database)]
        return sum(self._run(name, tenant) for name in names for tenant in found)

    def _run(self, name: str, tenant: str) -> bool:
        due, clock, new_id = self.intervals[name], self.clock, self.new_id
        try:
            done = run(self.database, tenant, name, clock=clock, new_id=new_id, due=due)
        except IdentityGraphError as error:
            logger.warning("job %s of %s stopped: %s", name, tenant, error.message)
            return False
        except Exception:
            # One tenant's trouble is not the others'.
            logger.exception("job %s of %s failed", name, tenant)
            return False
        if done is not None:
            logger.info("job %s of %s: %d", name, tenant, done)
        return done is not None

    def tell(self) -> None:
        """Put into this process's metrics what was done for every tenant, here or by another runner."""
        for one in tenants.tenants(self.database):
            graph = self.database.of(one.tenant)
            metrics.relationship_confidence(one.tenant, graph.read(stats.remembered))
            for job in graph.read(store.jobs):
                if job.outcome == "done" and job.finished_at is not None:
                    metrics.job_done(one.tenant, job.name, job.finished_at)

    def _forever(self, act: Callable[[], object]) -> None:
        waiting = threading.Event()
        # Not all of them the moment that they start, and often enough to take over from one that died.
        while not waiting.wait(min(min(self.intervals.values()).total_seconds() / 4, 60.0)):
            try:
                act()
            except IdentityGraphError as error:
                logger.warning("jobs wait: %s", error.message)
