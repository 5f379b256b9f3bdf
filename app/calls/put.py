"""Record statements: a caller states that a user used a visitor, and how sure that is."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import repeat
from typing import Any

from marshmallow import ValidationError

from app import context, metrics
from app.calls.arrival import Sent
from app.calls.changes import by_whom, keyed
from app.calls.relationships import confidence
from graph.acts import messages, put
from graph.errors import IdentityGraphError
from graph.rules import times
from graph.rules.placeholders import is_placeholder

#: The relationship that a statement is about, or the error that stopped the statement.
Outcome = dict[str, Any] | IdentityGraphError | ValidationError


def run(sent: Sent) -> dict[str, Any]:
    """Record one statement, and return its relationship; raises what stopped it."""
    [outcome] = run_together([sent])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def run_together(statements: Iterable[Sent]) -> list[Outcome]:
    """Record statements in one transaction; each has its own outcome, in order, and a failed one stops no other."""
    at = times.whole_milliseconds(context.now())
    commands = [_command(sent, at) for sent in statements]
    valid = [command for command in commands if isinstance(command, put.Put)]
    results: Iterator[put.Stated | IdentityGraphError]
    try:
        results = iter(context.graph().write(put.act, valid) if valid else [])
    except IdentityGraphError as error:
        # A value, since items of a batch before these are done and the request must still answer with their results.
        results = repeat(error)
    return [_outcome(next(results)) if isinstance(command, put.Put) else command for command in commands]


def _command(sent: Sent, at: datetime) -> put.Put | ValidationError:
    if is_placeholder(sent["user_id"], context.policy().placeholder_user_ids):
        return ValidationError({"userId": ["This id names nobody in particular, so nobody used the visitor by it."]})
    made_by = by_whom(sent["reason"], at)
    key = sent["idempotency_key"]
    said = {name: sent[name] for name in ("user_id", "visitor_id", "confidence", "claim", "reason")}
    return put.Put(
        message=keyed(messages.message(put.CALL, key, said))
        if key
        else messages.message(put.CALL, made_by["change"].id, said),
        user_id=sent["user_id"],
        visitor_id=sent["visitor_id"],
        confidence=sent["confidence"],
        claims=sent["claim"],
        hashing=context.hashing(),
        **made_by,
    )


def _outcome(result: put.Stated | IdentityGraphError) -> Outcome:
    if isinstance(result, IdentityGraphError):
        return result
    if result.duplicate:
        metrics.duplicate(put.CALL)
    return {**vars(result), "confidence": confidence(result.rank)}
