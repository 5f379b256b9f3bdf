"""Calls that a header `Idempotency-Key` makes one call however often they are sent."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from app import context, metrics
from graph.acts import messages
from graph.acts.messages import A, C
from graph.transaction import Transaction

#: Not part of what a call says: whose it is, and what the server adds.
NOT_SAID = frozenset({"change", "policy", "ids"})


def once(act: Callable[[Transaction, C], A], command: C, *, call: str, key: str | None, kind: type[A]) -> A:
    """Run the act of a call, or answer what the first call with this key was answered; without a key just run it."""
    message = messages.message(call, key, _said(command)) if key is not None else None
    answer = context.graph().write(messages.once, act, command, message, kind)
    if answer.duplicate:
        metrics.duplicate(call)
    return answer


def _said(command: Any) -> dict[str, Any]:
    said = {field.name: getattr(command, field.name) for field in fields(command) if field.name not in NOT_SAID}
    return {**said, "reason": command.change.reason}
