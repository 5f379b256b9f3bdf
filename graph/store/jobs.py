"""Jobs: who runs which for a tenant, so that one runner among replicas does, and how it ended."""

from dataclasses import dataclass
from datetime import datetime

from graph.queries import Nothing
from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class _Taken:
    is_ours: bool


@dataclass(frozen=True)
class _Renewed:
    name: str


@dataclass(frozen=True)
class Job:
    """A job as it was run last; `done` is how many things it dealt with."""

    name: str
    runner: str | None
    leased_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    done: int | None
    outcome: str | None


_take = query("jobs/take", _Taken)
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
) -> bool:
    """Take a job, if nobody has it and it was not begun since `due_before`, or since `retry_before` where it failed."""
    due = {"due_before": due_before, "retry_before": retry_before}
    [taken] = _take(tx, name=name, runner=runner, now=now, until=until, **due)
    return taken.is_ours


def renew(tx: Transaction, name: str, runner: str, *, until: datetime) -> bool:
    """Go on with a job; False where another has taken it since."""
    return bool(_renew(tx, name=name, runner=runner, until=until))
