"""When a session is open."""

from datetime import datetime

from graph.rules.policy import Policy


def expires_at(started: datetime, last_seen: datetime, policy: Policy) -> datetime:
    """The end of a session that is seen no more: idle for too long, or open for too long."""
    return min(last_seen + policy.session_idle, started + policy.session_max)


def accepts(started: datetime, last_seen: datetime, at: datetime, received_at: datetime, policy: Policy) -> bool:
    """Whether an event of the time `at`, delivered at `received_at`, belongs to the session.

    It does if the session was open then, or would have been had it been seen a little earlier (clocks of the pages of
    one browser differ), and the delivery is not too late.
    """
    opened = started - policy.session_idle
    return opened <= at <= expires_at(started, last_seen, policy) and received_at - at <= policy.late_delivery
