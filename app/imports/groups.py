"""Make the calls of an import, many in a transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from app import context
from app.calls import batch
from graph.acts import identify, sessions, track
from graph.acts.later import Later
from graph.acts.sessions import OnVisit
from graph.database import Database
from graph.errors import GraphFailed, GraphTimeout, GraphUnavailable, IdentityGraphError, Overtaken
from graph.rules.grouping import Keys, next_group
from graph.transaction import Transaction

C = TypeVar("C")
R = TypeVar("R")

Act = Callable[[Transaction, Sequence[C]], Sequence[R | IdentityGraphError | Later]]


@dataclass
class _Waiting(Generic[C]):
    place: int
    call: C
    keys: Keys


def tracks(items: Sequence[batch.Ready]) -> list[dict[str, Any]]:
    """Record events on sessions that are open, and return the result or problem of each, in order."""
    return _answers(items, run(context.graph(), track.act, track.keys, [item.prepared.command for item in items]))


def logins(items: Sequence[batch.Ready]) -> list[dict[str, Any]]:
    """Record logins on sessions that are open, and return the result or problem of each, in order."""
    return _answers(items, run(context.graph(), identify.act, identify.keys, [item.prepared.command for item in items]))


def tracks_on_visits(items: Sequence[batch.Ready]) -> list[dict[str, Any]]:
    """Record events whose sessions have to be found or begun, and return the result or problem of each, in order."""
    calls = [_on_visit(item) for item in items]
    return _answers(items, run(context.graph(), sessions.track_each_on, sessions.keys, calls))


def logins_on_visits(items: Sequence[batch.Ready]) -> list[dict[str, Any]]:
    """Record logins whose sessions have to be found or begun, and return the result or problem of each, in order."""
    calls = [_on_visit(item) for item in items]
    return _answers(items, run(context.graph(), sessions.identify_each_on, sessions.keys, calls))


def run(
    database: Database, act: Act[C, R], keys: Callable[[C], Keys], calls: Sequence[C]
) -> list[R | IdentityGraphError]:
    """Run calls in groups, each in one transaction, in their order where they have a key in common; a refusal is a result.

    A group that fails runs call by call, so that one that is refused, or that Neo4j cannot store, takes no other with it.
    It differs from `graph.groups` in that no other thread has calls for a group, so none waits for another's group. And a
    refusal may end a transaction.

    Raises:
        GraphUnavailable: Neo4j does not answer, or could not finish the transaction of one call.
        GraphTimeout: A transaction took too long.
    """
    waiting = [_Waiting(place, call, keys(call)) for place, call in enumerate(calls)]
    results: dict[int, R | IdentityGraphError] = {}
    while waiting:
        places = next_group([each.keys for each in waiting], (), context.settings().group_size_max)
        group = [waiting[place] for place in places]
        outcomes = _run_group(database, act, group)
        again: list[_Waiting[C]] = []
        taken = set(places)
        for each, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Later):
                again.append(replace(each, keys=replace(each.keys, apart=each.keys.apart | outcome.keys)))
            else:
                results[each.place] = outcome
        waiting = [*again, *(each for place, each in enumerate(waiting) if place not in taken)]
    return [results[place] for place in range(len(calls))]


def _run_group(
    database: Database, act: Act[C, R], group: Sequence[_Waiting[C]]
) -> Sequence[R | IdentityGraphError | Later]:
    try:
        return database.write(act, [each.call for each in group])
    except Exception as error:
        is_outage = isinstance(error, GraphUnavailable | GraphTimeout) and not isinstance(
            error, GraphFailed | Overtaken
        )
        if (
            len(group) == 1
            and isinstance(error, IdentityGraphError)
            and not isinstance(error, GraphUnavailable | GraphTimeout)
        ):
            return [error]
        if len(group) == 1 or is_outage:
            raise
    return [outcome for each in group for outcome in _run_group(database, act, [each])]


def _on_visit(item: batch.Ready) -> OnVisit[Any]:
    return OnVisit(item.prepared.command, item.prepared.beginning)


def _answers(items: Sequence[batch.Ready], outcomes: Sequence[object]) -> list[dict[str, Any]]:
    return [batch.answer(item.call, outcome) for item, outcome in zip(items, outcomes, strict=True)]
