"""When something happened, by the server's clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from graph.rules.policy import Policy

#: The clocks of phones and computers are wrong by seconds. With an SDK that sends `sentAt` the error is smaller.
AHEAD_MAX = timedelta(minutes=1)

#: Times before and after everything in the graph.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def corrected(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """Return when an event happened, by the server's clock, in whole milliseconds.

    `sent_at` is the time on the client's clock when it sent the call. Its error is the error of `timestamp` too
    (Segment's rule: https://segment.com/docs/connections/spec/common/#timestamps). The result is never later than
    `received_at`, which it also is without a timestamp.

    Example: a page says 12:59:50 and sends at 13:00:00, by its own clock; the call arrives at 12:00:00. The event
    happened at 11:59:50.
    """
    return whole_milliseconds(min(_by_the_server(timestamp, sent_at, received_at), received_at))


def is_ahead(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> bool:
    """Whether a time is in the future by more than `AHEAD_MAX`, the largest error of a clock that the network sets."""
    return _by_the_server(timestamp, sent_at, received_at) > received_at + AHEAD_MAX


def is_too_early(at: datetime, received_at: datetime, policy: Policy) -> bool:
    """Whether a session would begin earlier than late deliveries may reach back."""
    return at < first_possible(at, received_at, policy)


def first_possible(at: datetime, received_at: datetime, policy: Policy) -> datetime:
    """Return when a session begins: at `at`, but no earlier than late deliveries may reach back."""
    return max(at, whole_milliseconds(received_at - policy.late_delivery))


def whole_hour(at: datetime) -> datetime:
    """Return the beginning of the hour that a time is in."""
    return at.replace(minute=0, second=0, microsecond=0)


def whole_milliseconds(at: datetime) -> datetime:
    """Cut a time to the milliseconds that answers show, so that a time in an answer equals the time in the graph."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def milliseconds(at: datetime) -> int:
    """Return a time as whole milliseconds since 1970, as queries of hot acts take it (docs/decisions/0015)."""
    return (at - BEGINNING) // MILLISECOND


def of_milliseconds(since_1970: int) -> datetime:
    """Return the time that is so many milliseconds after 1970 began."""
    return BEGINNING + timedelta(milliseconds=since_1970)


def iso_week(at: datetime) -> str:
    """Return the ISO week of a time, such as 2026-W10. `BrowserAtIp` nodes keep by week who was seen where."""
    return f"{at:%G-W%V}"


def iso_weeks(at: datetime, count: int) -> list[str]:
    """Return the ISO week of a time and the weeks before it, `count` in all."""
    return [iso_week(at - timedelta(weeks=before)) for before in range(count)]


def weeks_around(at: Iterable[datetime], count: int) -> list[str]:
    """Return the ISO weeks of times, with as many weeks before and after as `iso_weeks` looks back, in order."""
    return sorted({iso_week(time + timedelta(weeks=off)) for time in at for off in range(1 - count, count)})


def _by_the_server(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    try:
        return received_at if timestamp is None else timestamp + (received_at - sent_at if sent_at else timedelta())
    except OverflowError:
        return received_at
