"""From when on data are kept, by the tenant's policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.rules.policy import Policy
from graph.rules.times import BEGINNING


@dataclass(frozen=True)
class Keeping:
    """From when on each kind of data is kept; `BEGINNING` for what is kept for ever.

    Events count by when they happened, and sessions by when they began. Nothing can arrive any more for a session that
    began before `sessions`. `until` is when the last session began of which anything may be too old.
    """

    events: datetime
    sessions: datetime
    addresses: datetime
    components: datetime
    until: datetime

    @classmethod
    def of(cls, policy: Policy, at: datetime) -> "Keeping":
        """Return from when on data are kept `at` a time.

        A session stays while something may arrive for it. What is known of the address of a session that is gone goes,
        too.
        """

        def since(days: float, least: timedelta = timedelta()) -> datetime:
            return max(at - max(timedelta(days=days), least), BEGINNING) if days else BEGINNING

        events = since(policy.event_retention_days)
        sessions = since(policy.session_retention_days, policy.late_delivery) - policy.session_max
        addresses = since(policy.address_retention_days)
        if addresses > BEGINNING:
            addresses = max(addresses, sessions)
        # An event may be dated before its session began.
        until = max(events + policy.session_idle if events > BEGINNING else events, sessions, addresses)
        return cls(events, max(sessions, BEGINNING), addresses, since(policy.components_retention_days), until)
