"""Collect fingerprints without a session (`collect`)."""

from collections.abc import Sequence
from typing import Any

from app.calls.arrival import Sent
from app.calls.init import recognise, visit, visitor_token
from graph.acts.init import Init, Initiated
from graph.errors import IdentityGraphError


def run(sent: Sent, raw: Sent) -> dict[str, Any]:
    """Store a fingerprint, and return the visitor that it matches with what was kept of the call."""
    [collected] = run_each([prepared(sent, raw)])
    if isinstance(collected, IdentityGraphError):
        raise collected
    return collected


def prepared(sent: Sent, raw: Sent) -> Init:
    """Return the command of a call."""
    return visit("collect", {**sent, "reset": False}, raw)


def run_each(commands: Sequence[Init]) -> list[dict[str, Any] | IdentityGraphError]:
    """Store the fingerprint of each command; a refusal is a result."""
    results = recognise("collect", commands)
    return [
        result if isinstance(result, IdentityGraphError) else _collected(command, result)
        for command, result in zip(commands, results, strict=True)
    ]


def _collected(command: Init, initiated: Initiated) -> dict[str, Any]:
    return {
        **vars(initiated),
        "visitor_token": visitor_token(initiated),
        "fingerprint_id": command.fingerprint.hash if command.fingerprint and command.consent else None,
        "user_id": command.user_id if command.consent else None,
    }
