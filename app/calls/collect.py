"""Collect a fingerprint without a session (`collect`)."""

from typing import Any

from app.calls.arrival import Sent
from app.calls.init import recognise, visit, visitor_token


def run(sent: Sent, raw: Sent) -> dict[str, Any]:
    """Store a fingerprint, and return the visitor that it matches with what was kept of the call."""
    command = visit("collect", {**sent, "reset": False}, raw)
    initiated = recognise("collect", command)
    return {
        **vars(initiated),
        "visitor_token": visitor_token(initiated),
        "fingerprint_id": command.fingerprint.hash if command.fingerprint and command.consent else None,
        "user_id": command.user_id if command.consent else None,
    }
