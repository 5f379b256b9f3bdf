"""When something happened, by a clock that can be trusted."""

from datetime import UTC, datetime, timedelta

from graph.rules.policy import Policy

#: Phones and computers are off by seconds, and SDKs that send `sentAt` by less.
AHEAD_MAX = timedelta(minutes=1)

#: Before and after all that is kept.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)


def corrected(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """The client's time of an event by the server's clock, in whole milliseconds.

    `sent_at` is the client's clock when it sent the call: what it is off by, the timestamp is off by too (Segment's
    rule: https://segment.com/docs/connections/spec/common/#timestamps). Nothing happens in the future.
    """
    return whole_milliseconds(min(_by_the_server(timestamp, sent_at, received_at), received_at))


def is_ahead(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> bool:
    """Whether a time is in the future by more than clocks are off that are set by the network."""
    return _by_the_server(timestamp, sent_at, received_at) > received_at + AHEAD_MAX


def is_too_early(at: datetime, received_at: datetime, policy: Policy) -> bool:
    """Whether a beginning is earlier than late deliveries reach."""
    return at < first_possible(at, received_at, policy)


def first_possible(at: datetime, received_at: datetime, policy: Policy) -> datetime:
    """A beginning no earlier than late deliveries reach."""
    return max(at, whole_milliseconds(received_at - policy.late_delivery))


def whole_milliseconds(at: datetime) -> datetime:
    """Cut to what the wire shows, so that a time read from an answer is the time in the graph."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def iso_week(at: datetime) -> str:
    """The ISO week of a time, as in 2026-W10: where somebody was seen is kept week by week."""
    return f"{at:%G-W%V}"


def iso_weeks(at: datetime, count: int) -> list[str]:
    """The ISO week of a time, and those before it, so many in all."""
    return [iso_week(at - timedelta(weeks=before)) for before in range(count)]


def _by_the_server(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    try:
        return received_at if timestamp is None else timestamp + (received_at - sent_at if sent_at else timedelta())
    except OverflowError:
        return received_at
