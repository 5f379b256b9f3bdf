"""Let calls that wait at the same time share a transaction.

A commit, the round trips and the planning of an act cost the same for one command as for sixty. So the commands of
concurrent callers run as one list, in one transaction (docs/decisions/0022).
"""

import copy
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from graph import database as databases
from graph.acts.later import Later
from graph.database import Database
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError, Overtaken
from graph.rules.grouping import Keys, next_group
from graph.transaction import Transaction

C = TypeVar("C")
R = TypeVar("R")

#: An act that takes a list of commands and returns one result for each; a failure of one command is a value.
Act = Callable[[Transaction, Sequence[C]], Sequence[R | IdentityGraphError | Later]]

#: How many groups of one tenant and act run at the same time in a process. With a second one, a group that waits for a
#: lock does not stop the commands that do not need it.
LEADERS_MAX = 2
#: How long a command waits until it leads a second group. Two that ran side by side from the start were half as large
#: (with 64 clients 6.8 instead of 12.8 calls of `init`), and so cost more in all.
LEAD_AFTER_SECONDS = 0.2

#: How long a command waits for a transaction: as long as a transaction may take.
WAIT_SECONDS = databases.TRANSACTION_SECONDS

#: Called after every group with its act's name, its size and the seconds that its first command waited. The web app sets
#: it to feed its metrics.
observe: Callable[[str, int, float], None] = lambda _name, _size, _seconds: None  # noqa: E731 - a hook with a default


@dataclass(eq=False)
class _Caller:
    """A thread that waits for its commands; `turn` is set when they are done, or when the thread has to lead."""

    missing: int
    leads: bool = False
    turn: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class _Waiting(Generic[C, R]):
    """A command that waits, and then its result, or the error that its transaction ended with."""

    command: C
    keys: Keys
    caller: _Caller
    since: float
    result: R | IdentityGraphError | None = None
    error: Exception | None = None

    def outcome(self) -> R | IdentityGraphError:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        if self.result is None:
            raise RuntimeError("a command was neither run nor refused")
        return self.result


@dataclass
class _Queue(Generic[C, R]):
    """The commands that wait for a transaction together, the keys of those that run, and how many threads lead groups."""

    waiting: list[_Waiting[C, R]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    leaders: int = 0


class Groups(Generic[C, R]):
    """Runs one act for many callers, whose commands share transactions; can be shared between threads.

    No thread is kept for it. A caller that finds no group running leads: it runs groups until its own commands are done,
    and then hands the lead to a caller that waits. So a single call is not delayed, and a group is as large as what
    came in while the group before it ran.
    """

    def __init__(self, name: str, act: Act[C, R], keys: Callable[[C], Keys], *, size_max: int) -> None:
        """Create the groups of an act.

        Args:
            name: What the metrics call it.
            act: Runs a list of commands in one transaction.
            keys: Says which commands may not share a transaction.
            size_max: The largest group; with 1, each command has its own transaction at once.
        """
        self._name = name
        self._act = act
        self._keys = keys
        self._size_max = size_max
        self._lock = threading.Lock()
        self._queues: dict[Hashable, _Queue[C, R]] = {}

    def run(self, database: Database, among: Hashable, commands: Sequence[C]) -> list[R | IdentityGraphError]:
        """Run commands in the order of their list, and return the result of each; a refusal is a result.

        Only commands with equal `among` share transactions: those of one tenant with one policy.

        Raises:
            GraphUnavailable: Neo4j does not answer. Some of several commands may be done.
            GraphTimeout: The commands waited too long, or their transaction took too long.
            Exception: Whatever the act raises for one of the commands alone.
        """
        if self._size_max == 1:
            return [self._alone(database, command) for command in commands]
        since = time.monotonic()
        caller = _Caller(len(commands))
        own = [_Waiting[C, R](command, self._keys(command), caller, since) for command in commands]
        with self._lock:
            queue = self._queues.setdefault(among, _Queue())
            queue.waiting.extend(own)
            self._may_lead(queue, caller, leaders_max=1)
        deadline, has_given_up = since + WAIT_SECONDS, False
        while caller.missing or caller.leads:
            if caller.leads:
                self._lead(database, among, queue, caller)
            elif has_given_up:
                # What runs already ends with its transaction, which has a time limit of its own.
                caller.turn.wait()
            elif not caller.turn.wait(max(0.0, min(deadline - time.monotonic(), LEAD_AFTER_SECONDS))):
                if time.monotonic() >= deadline:
                    self._give_up(queue, own)
                    has_given_up = True
                else:
                    with self._lock:
                        self._may_lead(queue, caller, leaders_max=LEADERS_MAX)
            caller.turn.clear()
        return [waiting.outcome() for waiting in own]

    def _may_lead(self, queue: _Queue[C, R], caller: _Caller, *, leaders_max: int) -> None:
        """Let a caller lead if fewer threads do, its commands still wait, and something can run."""
        waits = any(waiting.caller is caller for waiting in queue.waiting)
        if waits and not caller.leads and queue.leaders < leaders_max and self._has_next(queue):
            caller.leads = True
            queue.leaders += 1

    def _alone(self, database: Database, command: C) -> R | IdentityGraphError:
        waiting = _Waiting[C, R](command, Keys(), _Caller(1), time.monotonic())
        self._perform(database, [waiting])
        return waiting.outcome()

    def _lead(self, database: Database, among: Hashable, queue: _Queue[C, R], caller: _Caller) -> None:
        """Run groups until the caller's commands are done, or all that wait have to wait for another leader's group."""
        group: list[_Waiting[C, R]] = []
        try:
            while caller.missing:
                with self._lock:
                    group = self._take(queue)
                if not group:
                    return
                again = self._perform(database, group)
                with self._lock:
                    self._settle(queue, group, again)
                    group = []
        finally:
            # If this thread is ended, nobody may wait for a group that does not run, or for a leader that is gone.
            with self._lock:
                self._settle(queue, group, group)
                self._hand_over(among, queue, caller)

    def _take(self, queue: _Queue[C, R]) -> list[_Waiting[C, R]]:
        """Take the next group from the queue."""
        places = next_group([waiting.keys for waiting in queue.waiting], queue.busy, self._size_max)
        group = [queue.waiting[place] for place in places]
        for place in reversed(places):
            del queue.waiting[place]
        for waiting in group:
            queue.busy |= waiting.keys.all
        return group

    def _settle(self, queue: _Queue[C, R], group: Sequence[_Waiting[C, R]], again: Sequence[_Waiting[C, R]]) -> None:
        """Put those that run again before all that wait, and wake the callers that have all their results."""
        for waiting in group:
            queue.busy -= waiting.keys.all
        queue.waiting[:0] = again
        for waiting in group:
            if waiting not in again:
                waiting.caller.missing -= 1
                if not waiting.caller.missing:
                    waiting.caller.turn.set()

    def _hand_over(self, among: Hashable, queue: _Queue[C, R], caller: _Caller) -> None:
        """Let the first caller lead that waits and does not lead yet, if there is something to lead."""
        caller.leads = False
        heirs = (waiting.caller for waiting in queue.waiting if waiting.caller is not caller)
        heir = next((each for each in heirs if not each.leads), None)
        if heir is not None and self._has_next(queue):
            heir.leads = True
            heir.turn.set()
            return
        queue.leaders -= 1
        if not queue.leaders and not queue.waiting:
            self._queues.pop(among, None)

    def _has_next(self, queue: _Queue[C, R]) -> bool:
        return bool(next_group([waiting.keys for waiting in queue.waiting], queue.busy, 1))

    def _perform(self, database: Database, group: Sequence[_Waiting[C, R]]) -> list[_Waiting[C, R]]:
        """Run a group in one transaction, note its results or errors, and return the commands that have to run again."""
        observe(self._name, len(group), time.monotonic() - group[0].since)
        try:
            results = database.write(self._act, [waiting.command for waiting in group])
        except Exception as error:  # noqa: BLE001 - it is raised by the thread of each caller
            if len(group) == 1 or _is_outage(error):
                for waiting in group:
                    # Several threads raise it, each a copy of its own.
                    waiting.error = copy.copy(error) if len(group) > 1 else error
                return []
            # A command that cannot be run hurts nobody else: each has a transaction of its own now.
            return [again for waiting in group for again in self._perform(database, [waiting])]
        for waiting, result in zip(group, results, strict=True):
            if not isinstance(result, Later):
                waiting.result = result
        return [waiting for waiting, result in zip(group, results, strict=True) if isinstance(result, Later)]

    def _give_up(self, queue: _Queue[C, R], own: Sequence[_Waiting[C, R]]) -> None:
        """Take commands that have waited too long out of the queue."""
        with self._lock:
            for waiting in own:
                if waiting in queue.waiting:
                    queue.waiting.remove(waiting)
                    waiting.error = GraphTimeout("the call waited too long for a transaction")
                    waiting.caller.missing -= 1


def _is_outage(error: Exception) -> bool:
    """Whether each command of the group would fail alike."""
    return isinstance(error, GraphUnavailable | GraphTimeout) and not isinstance(error, Overtaken)
