"""A shared device that many pass by, such as a library's terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from graph.rules.policy import Policy


def remember(recent: Sequence[str], user_id: str, at: datetime, policy: Policy) -> tuple[str, ...]:
    """The users seen lately through jars that never came back, with one more: each once, as `seconds user_id`."""
    latest: dict[str, int] = {}
    for one in (*recent, f"{int(at.timestamp())} {user_id}"):
        seconds, _, user = one.partition(" ")
        latest[user] = max(latest.get(user, 0), int(seconds))
    last = datetime.fromtimestamp(max(latest.values()), UTC)
    within = {user: seconds for user, seconds in latest.items() if _age(seconds, last) <= policy.kiosk_window}
    newest = sorted(within.items(), key=lambda item: (-item[1], item[0]))[: policy.kiosk_users]
    return tuple(f"{seconds} {user}" for user, seconds in newest)


def is_kiosk(recent: Sequence[str], at: datetime, policy: Policy) -> bool:
    """Whether so many different users were seen in the policy's window before `at` that the next one is a stranger."""
    seen = (one.partition(" ") for one in recent)
    # Each once: what is remembered of merged visitors comes together here.
    users = {user for seconds, _, user in seen if abs(_age(int(seconds), at)) <= policy.kiosk_window}
    return len(users) >= policy.kiosk_users


def _age(seconds: int, at: datetime) -> timedelta:
    return at - datetime.fromtimestamp(seconds, UTC)
