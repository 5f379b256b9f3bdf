"""Recognise a kiosk: a device that many strangers use, such as a library's terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from graph.rules.policy import Policy


def remember(recent: Sequence[str], user_id: str, at: datetime, policy: Policy) -> tuple[str, ...]:
    """Add a login through a jar that never came back to a visitor's recent users.

    Each user is in the result once, as `seconds user_id`: the Unix time of the latest login, then the id. Users
    outside the policy's window before the latest login are left out.
    """
    latest: dict[str, int] = {}
    for login in (*recent, f"{int(at.timestamp())} {user_id}"):
        seconds, _, user = login.partition(" ")
        latest[user] = max(latest.get(user, 0), int(seconds))
    last = datetime.fromtimestamp(max(latest.values()), UTC)
    within = {user: seconds for user, seconds in latest.items() if _age(seconds, last) <= policy.kiosk_window}
    newest = sorted(within.items(), key=lambda item: (-item[1], item[0]))[: policy.kiosk_users]
    return tuple(f"{seconds} {user}" for user, seconds in newest)


def is_kiosk(recent: Sequence[str], at: datetime, policy: Policy) -> bool:
    """Whether a visitor is a kiosk at the time `at`, given its recent users as `remember` keeps them.

    It is a kiosk if at least the policy's number of different users logged in within the window, before `at` or after.
    """
    seen = (login.partition(" ") for login in recent)
    # `recent` may hold the users of several merged visitors, and so one user more than once.
    users = {user for seconds, _, user in seen if abs(_age(int(seconds), at)) <= policy.kiosk_window}
    return len(users) >= policy.kiosk_users


def _age(seconds: int, at: datetime) -> timedelta:
    return at - datetime.fromtimestamp(seconds, UTC)
