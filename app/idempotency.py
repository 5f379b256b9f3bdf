"""Run a call once per `Idempotency-Key`, however often it is sent."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from app import context, metrics
from graph.acts import messages
from graph.acts.messages import A, C
from graph.transaction import Transaction

#: Fields of a command that the caller did not send, so that they are left out of its hash.
NOT_SAID = frozenset({"change", "policy", "ids"})


def once(act: Callable[[Transaction, C], A], command: C, *, call: str, key: str | None, kind: type[A]) -> A:
    """Run an act, or return the answer of the first call with this key; without a key always run it."""
    message = messages.message(call, key, _said(command)) if key is not None else None
    answer = context.graph().write(messages.once, act, command, message, kind)
    if answer.duplicate:
        metrics.duplicate(call)
    return answer


def _said(command: Any) -> dict[str, Any]:
    said = {field.name: getattr(command, field.name) for field in fields(command) if field.name not in NOT_SAID}
    return {**said, "reason": command.change.reason}
