"""Jobs: which runner has which job of a tenant, so that only one of many replicas runs it, and how it ended."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Taken:
    """Whether a runner has a job, and where the run before goes on, if it was cut off; text that only the job reads."""

    is_ours: bool
    place: str | None


@dataclass(frozen=True)
class _Renewed:
    name: str


@dataclass(frozen=True)
class Job:
    """The last run of a job; `done` is how many relationships or nodes it dealt with."""

    name: str
    runner: str | None
    leased_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    done: int | None
    outcome: str | None


_take = query("jobs/take", Taken)
_renew = query("jobs/renew", _Renewed)
finish = query("jobs/finish", Nothing)
jobs = query("jobs/list", Job)


def take(
    tx: Transaction,
    name: str,
    runner: str,
    *,
    now: datetime,
    due_before: datetime,
    retry_before: datetime,
    until: datetime,
) -> Taken:
    """Take a job for a runner until a time, unless another runner has it.

    The job must be due: its last run did not finish, or began no later than `due_before`, or, if it failed, no later
    than `retry_before`.
    """
    due = {"due_before": due_before, "retry_before": retry_before}
    return _take.one(tx, name=name, runner=runner, now=now, until=until, **due)


def renew(tx: Transaction, name: str, runner: str, *, until: datetime, place: str | None = None) -> bool:
    """Renew a runner's lease of a job; return False if another runner has taken the job.

    `place` is where the run goes on, should it be cut off.
    """
    return bool(_renew(tx, name=name, runner=runner, until=until, place=place))
