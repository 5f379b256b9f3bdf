"""Let calls that wait at the same time share a transaction.

A commit, the round trips and the planning of an act cost the same for one command as for sixty. So the commands of
concurrent callers run as one list, in one transaction (docs/decisions/0022).
"""

import copy
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from graph.acts.later import Later
from graph.database import Database
from graph.errors import GraphFailed, GraphTimeout, GraphUnavailable, IdentityGraphError, Overtaken
from graph.rules.grouping import Keys, in_turn, next_group
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

#: The part of its time that a command may wait for a transaction. So much of it as is left is for the transaction.
WAIT_SHARE = 0.5

#: Called after every group with its act's name, its size and the seconds that its first command waited. The web app sets
#: it to feed its metrics.
observe: Callable[[str, int, float], None] = lambda _name, _size, _seconds: None  # noqa: E731 - a hook with a default


@dataclass(eq=False)
class _Caller:
    """A thread that waits for its commands; `turn` is set when they are done, or when the thread has to lead.

    `seconds` is how long a command of its may take, and `deadline` is when those that are not done have taken so long.
    Each command that is done moves it on.
    """

    missing: int
    seconds: float
    deadline: float = field(init=False)
    leads: bool = False
    turn: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        """Move the deadline on, since a command is done."""
        self.deadline = time.monotonic() + self.seconds

    def has_waited_too_long(self) -> bool:
        """Whether what is left of its time is too little for a transaction."""
        return time.monotonic() >= self.deadline - (1 - WAIT_SHARE) * self.seconds


@dataclass(eq=False)
class _Waiting(Generic[C, R]):
    """A command that waits, and then its result, or the error that its transaction ended with.

    `met` are the keys that become its own if it runs again.
    """

    command: C
    keys: Keys
    caller: _Caller
    since: float
    met: frozenset[str] = frozenset()
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
    """The commands that wait for a transaction together, and the keys of those that run.

    `leading` are the callers that lead, with the time at which the group of each began.
    """

    waiting: list[_Waiting[C, R]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    leading: dict[_Caller, float] = field(default_factory=dict)


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
        caller = _Caller(len(commands), database.seconds)
        own = [_Waiting[C, R](command, self._keys(command), caller, since) for command in commands]
        with self._lock:
            queue = self._queues.setdefault(among, _Queue())
            queue.waiting.extend(own)
            self._may_lead(queue, caller)
        while caller.missing or caller.leads:
            if caller.leads:
                self._lead(database, among, queue, caller)
            else:
                caller.turn.wait(LEAD_AFTER_SECONDS)
                with self._lock:
                    if caller.has_waited_too_long():
                        self._give_up(queue, caller)
                    self._may_lead(queue, caller)
            caller.turn.clear()
        return [waiting.outcome() for waiting in own]

    def _alone(self, database: Database, command: C) -> R | IdentityGraphError:
        waiting = _Waiting[C, R](command, Keys(), _Caller(1, database.seconds), time.monotonic())
        self._perform(database, [waiting])
        return waiting.outcome()

    def _may_lead(self, queue: _Queue[C, R], caller: _Caller) -> None:
        """Let a caller lead whose commands wait, if something can run and all groups that run have lasted long."""
        now = time.monotonic()
        if (
            len(queue.leading) < LEADERS_MAX
            and caller not in queue.leading
            and all(now - began >= LEAD_AFTER_SECONDS for began in queue.leading.values())
            and any(waiting.caller is caller for waiting in queue.waiting)
            and next_group([waiting.keys for waiting in queue.waiting], queue.busy, 1)
        ):
            caller.leads = True
            queue.leading[caller] = now

    def _lead(self, database: Database, among: Hashable, queue: _Queue[C, R], caller: _Caller) -> None:
        """Run groups until the caller's commands are done, or all that wait have to wait for another leader's group."""
        group: list[_Waiting[C, R]] = []
        try:
            while caller.missing:
                with self._lock:
                    if caller.has_waited_too_long():
                        self._give_up(queue, caller)
                    group = self._take(queue, caller)
                if not group:
                    return
                again = self._perform(database, group)
                with self._lock:
                    self._settle(queue, group, again)
                    group = []
        except BaseException as error:
            # This thread waits no longer: nobody may run its commands, or hand the lead to it.
            with self._lock:
                self._drop(queue, caller, GraphUnavailable(f"the call was ended: {type(error).__name__}"))
            raise
        finally:
            # Nobody may wait for a group that does not run, or for a leader that is gone.
            with self._lock:
                self._settle(queue, group, [waiting for waiting in group if waiting.caller is not caller])
                self._hand_over(among, queue, caller)

    def _take(self, queue: _Queue[C, R], caller: _Caller) -> list[_Waiting[C, R]]:
        """Take the next group from the queue, for a caller that leads."""
        order = list(range(len(queue.waiting)))
        if len(queue.waiting) > self._size_max:
            order = in_turn([waiting.caller for waiting in queue.waiting])
        places = [
            order[place]
            for place in next_group([queue.waiting[place].keys for place in order], queue.busy, self._size_max)
        ]
        group = [queue.waiting[place] for place in places]
        for place in sorted(places, reverse=True):
            del queue.waiting[place]
        for waiting in group:
            queue.busy |= waiting.keys.all
        queue.leading[caller] = time.monotonic()
        return group

    def _settle(self, queue: _Queue[C, R], group: Sequence[_Waiting[C, R]], again: Sequence[_Waiting[C, R]]) -> None:
        """Put those that run again before all that wait, and wake the callers that have all their results.

        After an outage the other commands of the same callers are not tried: each would fail alike, after its own wait.
        """
        for waiting in group:
            queue.busy -= waiting.keys.all
        for waiting in again:
            # The next group has no two that would meet again.
            waiting.keys = replace(waiting.keys, apart=waiting.keys.apart | waiting.met)
        queue.waiting[:0] = again
        for waiting in group:
            if waiting not in again:
                waiting.caller.go_on()
                self._done(waiting)
                if waiting.error is not None and _is_outage(waiting.error):
                    self._drop(queue, waiting.caller, waiting.error)

    def _done(self, waiting: _Waiting[C, R]) -> None:
        waiting.caller.missing -= 1
        if not waiting.caller.missing:
            waiting.caller.turn.set()

    def _drop(self, queue: _Queue[C, R], caller: _Caller, error: Exception) -> None:
        """Take a caller's commands that wait out of the queue, with an error."""
        dropped = [waiting for waiting in queue.waiting if waiting.caller is caller]
        queue.waiting[:] = [waiting for waiting in queue.waiting if waiting.caller is not caller]
        for waiting in dropped:
            waiting.error = error
            self._done(waiting)

    def _give_up(self, queue: _Queue[C, R], caller: _Caller) -> None:
        """Drop a caller's commands that have waited too long; what runs already ends by its transaction's time limit."""
        self._drop(queue, caller, GraphTimeout("the call waited too long for a transaction"))

    def _hand_over(self, among: Hashable, queue: _Queue[C, R], caller: _Caller) -> None:
        """Let the first caller lead that waits, unless the other leader is there for it."""
        caller.leads = False
        queue.leading.pop(caller, None)
        heir = next((waiting.caller for waiting in queue.waiting if waiting.caller not in queue.leading), None)
        if heir is not None:
            self._may_lead(queue, heir)
            if heir.leads:
                heir.turn.set()
        if not queue.leading and not queue.waiting:
            self._queues.pop(among, None)

    def _perform(self, database: Database, group: Sequence[_Waiting[C, R]]) -> list[_Waiting[C, R]]:
        """Run a group in one transaction, note its results or errors, and return the commands that have to run again.

        The transaction gets the time that is left of the first deadline.
        """
        now = time.monotonic()
        observe(self._name, len(group), now - group[0].since)
        left = min(waiting.caller.deadline for waiting in group) - now
        try:
            results = database.write_within(left, self._act, [waiting.command for waiting in group])
        except Exception as error:  # noqa: BLE001 - it is raised by the thread of each caller
            if len(group) > 1 and not _is_outage(error):
                return self._perform_each(database, group)
            self._fail(group, error)
            return []
        again = []
        for waiting, result in zip(group, results, strict=True):
            if isinstance(result, Later):
                waiting.met = result.keys
                again.append(waiting)
            else:
                waiting.result = result
        return again

    def _perform_each(self, database: Database, group: Sequence[_Waiting[C, R]]) -> list[_Waiting[C, R]]:
        """Run each command of a group in a transaction of its own, so that one that cannot be run hurts no other."""
        again: list[_Waiting[C, R]] = []
        for place, waiting in enumerate(group):
            again += self._perform(database, [waiting])
            if waiting.error is not None and _is_outage(waiting.error):
                self._fail(group[place + 1 :], waiting.error)
                break
        return again

    def _fail(self, group: Sequence[_Waiting[C, R]], error: Exception) -> None:
        for waiting in group:
            # Several threads raise it, each a copy of its own.
            waiting.error = copy.copy(error) if len(group) > 1 else error


def _is_outage(error: Exception) -> bool:
    """Whether each command of the group would fail alike."""
    is_alone = isinstance(error, Overtaken | GraphFailed)
    return isinstance(error, GraphUnavailable | GraphTimeout) and not is_alone
