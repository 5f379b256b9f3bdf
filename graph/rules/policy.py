"""Every number that identity resolution depends on, in one frozen object a tenant may override field by field."""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

#: What a field may be, by its name; the first that fits. A crowd of one would divide by ln 1, and queries walk 8 ties.
RANGES = (
    (r"relationship_(\w+_(first|cap)|confidence_min)", 1.0, 100.0),
    (r"evidence_prior", 0.01, 0.99),
    (r"\w+_(base|cap|factor|min|same_address|same_browser|recency)", 0.0, 1.0),
    (r"\w+_(days|hours|minutes)|relationship_doubling_count", 0.01, 36_500.0),
    (r"ip_sharing_power", 1.0, 10.0),
    (r"\w+_crowd", 2, 1_000),
    (r"path_length_max", 1, 8),
    (r"propagation_hops|probable_max", 0, 10),
    (r"address_weeks", 0, 26),
    (r"kiosk_users|fingerprint_known_jars_max", 1, 1_000),
    (r"\w+_max", 0, 100_000),
)


@dataclass(frozen=True)
class Policy:
    """Weights, limits and half-lives; confidences of matches are 0–1, those of relationships 0–100."""

    #: An exact fingerprint alone: the least that an exact match is worth.
    fingerprint_base: float = 0.8
    #: Added where the visitor was seen at the same address before.
    fingerprint_same_address: float = 0.1
    #: Added where browser and operating system agree with the fingerprint's last visit.
    fingerprint_same_browser: float = 0.05
    #: Added for a fingerprint seen just now, halving with every half-life since.
    fingerprint_recency: float = 0.05
    #: Browsers update about monthly, and with an update the fingerprint changes.
    fingerprint_half_life_days: float = 30.0
    #: A fingerprint owns its visitor's new jars up to so many jars that came back: a phone, its private window, a test.
    fingerprint_known_jars_max: int = 3
    #: A fingerprint that others share is worth less than any that owns.
    fingerprint_weak_base: float = 0.75
    #: Nothing that agrees besides makes a shared fingerprint as sure as one that owns.
    fingerprint_weak_cap: float = 0.79
    #: From so many other visitors on, a shared fingerprint is a phone model everybody has, and says nothing.
    fingerprint_crowd: int = 30
    #: The same browser, operating system and kind of device at the same address, with one other visitor there.
    ip_browser_base: float = 0.6
    #: The same address alone, with one other visitor there.
    ip_base: float = 0.4
    #: From so many other visitors on, an address is an office, a school or a carrier, and says nothing.
    address_crowd: int = 30
    #: What the address alone is worth falls with sharing as that of the browser there to this power.
    ip_sharing_power: float = 2.0
    #: Visitors seen at an address in so many weeks, this one included: few households keep a dynamic address longer.
    address_weeks: int = 4
    #: What was seen at an address so long ago is worth half.
    address_half_life_days: float = 30.0
    #: How probable it is that two visits are one person's before anything is known: evidence at or below adds nothing.
    evidence_prior: float = 0.3
    #: So many users in the window, through jars that never came back, make a shared device a kiosk.
    kiosk_users: int = 3
    kiosk_window_hours: float = 24.0
    #: A tenure keeps its strongest probable identities.
    probable_max: int = 3
    #: What was probable is worth half so long after it was observed, unless it is observed again.
    probable_half_life_days: float = 30.0
    #: A login is carried on to browsers seen at the same address with the same browser, and from those so often.
    propagation_hops: int = 2
    #: What is left of it with every hop but the first.
    propagation_hop_factor: float = 0.5
    #: What would be left less sure than this is not carried on.
    propagation_confidence_min: float = 0.1
    #: So many tenures are probably one identity's by propagation; what is more is left out, with a warning.
    propagation_max: int = 50
    #: Reads leave out what is less sure than this, unless they ask.
    confidence_min: float = 0.5
    #: Tenures that are one user's by claims, their own or one they adopted: an account of everybody's, such as a test's.
    claims_max: int = 10_000
    #: Longest way from a tenure to who it belongs to.
    path_length_max: int = 8
    #: What an identify is worth as a relationship when first seen, and what repeating it approaches.
    relationship_verified_first: float = 99.0
    relationship_verified_cap: float = 100.0
    relationship_claimed_first: float = 95.0
    relationship_claimed_cap: float = 98.0
    relationship_collected_first: float = 70.0
    relationship_collected_cap: float = 90.0
    #: So many further associations close half of what lacks to the cap.
    relationship_doubling_count: float = 3.0
    #: A relationship not seen again is worth half after this; devices are replaced every two to three years.
    relationship_half_life_days: float = 180.0
    #: A relationship that is worth less than this by now stops counting: it is closed, and that is recorded.
    relationship_confidence_min: float = 2.0
    #: So is one that was not seen for so long, whatever it was worth.
    relationship_ttl_days: float = 1095.0
    #: A session ends after so long without an event: the field's habit since the first web analytics.
    session_idle_minutes: float = 30.0
    session_max_hours: float = 24.0
    #: A phone that was offline delivers late; older than this is refused.
    late_delivery_days: float = 30.0
    #: Further user ids of this tenant that name nobody, beside those every tenant has.
    placeholder_user_ids: tuple[str, ...] = ()
    #: Whether a public key is told a user id that its session did not claim itself.
    reveal_tied_user: bool = False

    def with_overrides(self, overrides: Mapping[str, Any]) -> "Policy":
        """This policy with some fields replaced.

        Raises `ValueError` naming a field there is not, a wrong type, or a number out of range.
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in dataclasses.fields(self)}
        for name, value in overrides.items():
            if name not in kinds:
                raise ValueError(f"the policy has no field {name}: it has {', '.join(sorted(kinds))}")
            wanted = (int, float) if kinds[name] is float else (list, tuple) if kinds[name] is tuple else kinds[name]
            if not isinstance(value, wanted) or (isinstance(value, bool) and kinds[name] is not bool):
                raise ValueError(f"the policy's {name} is a {kinds[name].__name__}, not {value!r}")
            if isinstance(value, list | tuple) and not all(isinstance(one, str) for one in value):
                raise ValueError(f"the policy's {name} is a list of texts, not {value!r}")
            limits = range_of(name)
            if isinstance(value, int | float) and limits and not limits[0] <= value <= limits[1]:
                raise ValueError(f"the policy's {name} is from {limits[0]:g} to {limits[1]:g}, not {value!r}")
        values: dict[str, Any] = {
            name: tuple(value) if kinds[name] is tuple else value for name, value in overrides.items()
        }
        return dataclasses.replace(self, **values)

    @property
    def session_idle(self) -> timedelta:
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session_max(self) -> timedelta:
        return timedelta(hours=self.session_max_hours)

    @property
    def late_delivery(self) -> timedelta:
        return timedelta(days=self.late_delivery_days)

    @property
    def kiosk_window(self) -> timedelta:
        return timedelta(hours=self.kiosk_window_hours)


def range_of(name: str) -> tuple[float, float] | None:
    """The least and the most that a field may be; None for one that is no number."""
    return next(((least, most) for pattern, least, most in RANGES if re.fullmatch(pattern, name)), None)


def meanings() -> dict[str, str]:
    """What each field means: the comment above it."""
    commented = re.findall(r"((?:    #: .*\n)*)    (\w+): .* = .*\n", inspect.getsource(Policy))
    said, latest = dict[str, str](), ""
    for comment, name in commented:
        latest = " ".join(line.strip().removeprefix("#: ") for line in comment.splitlines()) or latest
        said[name] = latest
    return said
