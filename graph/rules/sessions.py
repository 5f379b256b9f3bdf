"""When a session is open, and which events it accepts."""

from datetime import datetime

from graph.rules.policy import Policy


def expires_at(started: datetime, last_seen: datetime, policy: Policy) -> datetime:
    """Return when a session ends if no further event comes: after the idle time, or after its longest time."""
    return min(last_seen + policy.session_idle, started + policy.session_max)


def accepts(started: datetime, last_seen: datetime, at: datetime, received_at: datetime, policy: Policy) -> bool:
    """Whether an event that happened `at` and arrived at `received_at` belongs to the session.

    The session must have been open at the event's time, or have begun at most one idle time (30 minutes by default)
    later, since the clocks of one browser's pages differ. And the event must not arrive later than `late_delivery`.
    """
    opened = started - policy.session_idle
    return opened <= at <= expires_at(started, last_seen, policy) and received_at - at <= policy.late_delivery


def counts_from(started: datetime, at: datetime, policy: Policy) -> datetime:
    """Return when something that happened `at` counts in its session: from its beginning, if it is dated before that.

    A time that no session of this beginning accepts is returned as it is.
    """
    return started if started - policy.session_idle <= at < started else at


def why_refused(what: str, at: datetime, received_at: datetime, policy: Policy) -> str:
    """Return why a session does not accept an event (`what`), with advice where it helps."""
    if received_at - at > policy.late_delivery:
        return f"this {what} is older than late deliveries may be ({policy.late_delivery.days} days)"
    if received_at - at < policy.session_idle:
        return f"the session was not open at the time of this {what}: begin a new one with init"
    return f"the session was not open at the time of this {what}, and no other session can take it now"
