"""Weigh whether two visitors are one person's: they were at the same addresses on the same days.

What counts is where and when both were seen, and how few others were there that week. The result is a candidate for a
person to look at. It joins nothing by itself.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from graph.rules.confidence import sharing
from graph.rules.policy import Policy

#: The state of a candidate about which nobody has decided, and the two decisions.
OPEN = "open"
ACCEPTED = "accepted"
REFUSED = "refused"
#: So a `candidate_confidence_min` of 1 keeps none.
SUREST = 0.9999


@dataclass(frozen=True)
class Meeting:
    """An address at which two visitors were seen on one day, a date such as `2026-03-04` in UTC.

    `hours` is the number of hours of that day in which both were seen there. `shared_by` is the number of merge groups
    other than the first visitor's that were seen there in that week.
    """

    address: str
    day: str
    hours: int
    shared_by: int


@dataclass(frozen=True)
class SharedAddress:
    """An address of a candidate's evidence: the days on which both were there, in how many hours, and with how many others.

    `shared_by` is the most of any of these weeks. `weight` is what the address adds to the sum of which `same_days` is the
    logarithm.
    """

    address: str
    days: tuple[str, ...]
    hours: int
    shared_by: int
    weight: float


@dataclass(frozen=True)
class Resemblance:
    """How likely two visitors are one person's: the log-odds, by name, and the addresses that they shared."""

    arithmetic: Mapping[str, float]
    addresses: tuple[SharedAddress, ...]
    is_same_class: bool

    @property
    def log_odds(self) -> float:
        """The sum of the arithmetic."""
        return math.fsum(self.arithmetic.values())

    @property
    def confidence(self) -> float:
        """How likely the two are one person's, 0–1; addresses never make it certain."""
        return min(SUREST, round(1.0 / (1.0 + math.exp(-self.log_odds)), 4))

    def against(self, rivals: Iterable["Resemblance"]) -> "Resemblance":
        """Return the same beside its rivals: the pairs of one of the two with another that could be in the other's place.

        Of a phone and the two laptops of a home, at most one laptop is likely the phone's owner's. So the odds are divided
        by 1 + the odds of all rivals. Two devices of one class are as likely those of two people who live together: such a
        pair is its own rival, and never surer than 0.5.

        Example: the odds of both laptops are 9. Each is left with 9 / (1 + 9), so the confidence falls from 0.9 to 0.47.
        """
        odds = math.fsum(math.exp(rival.log_odds) for rival in (*rivals, *([self] if self.is_same_class else [])))
        return replace(self, arithmetic={**self.arithmetic, "rivals": 0.0 - round(math.log1p(odds), 4)})

    def of_two_users(self) -> "Resemblance":
        """Return the same for the visitors of two users, who would be one person with two accounts.

        They are as likely two people who live together. So the odds are divided by 1 + the odds, and the confidence is never
        above 0.5.
        """
        return replace(
            self, arithmetic={**self.arithmetic, "two_users": 0.0 - round(math.log1p(math.exp(self.log_odds)), 4)}
        )


def id_of(one_id: str, other_id: str) -> str:
    """Return the id of the candidate of two visitors, which the job gives it whenever it finds the two."""
    return f"can_{hashlib.sha256(f'{one_id} {other_id}'.encode()).hexdigest()[:32]}"


def first_day(addresses: Iterable[SharedAddress]) -> datetime:
    """Return the beginning of the first day on which two visitors were together."""
    day = min(day for shared in addresses for day in shared.days)
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def weigh(meetings: Iterable[Meeting], *, is_same_class: bool, policy: Policy) -> Resemblance:
    """Weigh the meetings of two visitors; `is_same_class` says that both are mobiles, or both are desktops.

    Each address and day counts 1 and each hour in common another 1, times the square of the factor by which sharing
    weakens evidence. The logarithm of the sum is taken, since a second week at home says less than the first.

    Example: two visitors met on two days in one hour each, at an address that nobody else had. The sum is 4, so the
    log-odds are -2.7 + 1.8 × log₂ 5 = 1.4795, and the confidence is 0.8145.
    """
    addresses = tuple(
        _shared_address(address, list(met), policy)
        for address, met in groupby(sorted(meetings, key=lambda met: (met.address, met.day)), lambda met: met.address)
    )
    together = math.fsum(shared.weight for shared in addresses)
    arithmetic = {
        "prior": policy.candidate_prior_log_odds,
        "same_days": round(policy.candidate_same_days * math.log2(1.0 + together), 4),
        "same_class": policy.candidate_same_class if is_same_class else 0.0,
    }
    return Resemblance(arithmetic, addresses, is_same_class)


def _shared_address(address: str, met: Sequence[Meeting], policy: Policy) -> SharedAddress:
    def rarity(shared_by: int) -> float:
        return math.pow(sharing(shared_by, policy.address_crowd), policy.ip_sharing_power)

    return SharedAddress(
        address,
        days=tuple(meeting.day for meeting in met),
        hours=sum(meeting.hours for meeting in met),
        shared_by=max(meeting.shared_by for meeting in met),
        weight=round(math.fsum((1 + meeting.hours) * rarity(meeting.shared_by) for meeting in met), 4),
    )
