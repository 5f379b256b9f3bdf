"""The policy: every number that identity resolution depends on, each of which a tenant may override."""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from graph.rules.identifiers import FOLDED, KEPT

#: Patterns of fields' names, with the least and the most that such a field may be; the first pattern that fits counts.
#: A crowd of 1 would divide by ln 1 = 0. Queries walk up to 8 ties, so `path_length_max` is at most 8.
RANGES = (
    (r"relationship_(\w+_(first|cap)|confidence_min)", 1.0, 100.0),
    (r"fuzzy_(prior_log_odds|contradiction|token_kept|other_machine_log_odds)", -50.0, 0.0),
    (r"candidate_(prior_log_odds|same_class)", -50.0, 0.0),
    (r"candidate_same_days", 0.0, 20.0),
    (r"fuzzy_same_user", 0.0, 8.0),
    (r"fuzzy_collector_factor", 0.0, 20.0),
    (r"fuzzy_candidates_max", 0, 50),
    (r"cluster_(members|household)_max", 2, 1_000),
    (r"cluster_far_min", 1, 1_000),
    (r"evidence_prior", 0.01, 0.99),
    (r"\w+_(base|cap|factor|min|same_address|same_browser|recency)", 0.0, 1.0),
    (r"\w+_retention_days", 0.0, 36_500.0),
    (r"\w+_(days|hours|minutes)|relationship_doubling_count", 0.01, 36_500.0),
    (r"ip_sharing_power", 1.0, 10.0),
    (r"\w+_crowd", 2, 1_000),
    (r"user_claims_per_hour", 1, 1_000),
    (r"address_(claims|fingerprints)_per_hour", 1, 1_000_000),
    (r"path_length_max", 1, 8),
    (r"propagation_hops|probable_max", 0, 10),
    (r"address_weeks", 0, 26),
    (r"kiosk_users|fingerprint_known_jars_max", 1, 1_000),
    (r"jar_fingerprints_max", 1, 100),
    (r"linked_users_max", 2, 1_000),
    (r"\w+_max", 0, 100_000),
)
#: A weight of a component: its name, and two numbers of log-odds.
WEIGHT = re.compile(r"\S+( [+-]?\d{1,2}(\.\d{1,4})?){2}")
#: What a field that is a text may be.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({"user_id_case": (KEPT, FOLDED)})
#: Fields that only a command changes. What retention removes is gone, a user id keeps its case, and the last two open what
#: a tenant's visitors were told is closed: no change of the field back makes these good. What a sweep closes as faded is left to who sets the field: a preview tells it.
BY_COMMAND_ONLY = re.compile(r"\w+_retention_days|user_id_case|gpc_is_no_consent|reveal_tied_user")
#: Log-likelihood ratios, mostly between two sources: 3,697 pairs of fingerprints of one browser and 3,942 of two, from the
#: data of FP-Stalker (https://doi.org/10.1109/SP.2018.00008), and 600 Chrome browsers of the package chrome-fingerprints
#: that change as FP-Stalker's did. Where they disagree, a value between them is taken (docs/accuracy.md#the-weights).
FUZZY_WEIGHTS = (
    "canvas 3.0 -2.9",
    "fonts 4.3 -5.0",
    "renderer 3.0 -4.3",
    "languages 1.5 -5.0",
    "hardwareconcurrency 1.9 -5.0",
    "timezone 1.6 -2.8",
    "webgl 1.5 -3.5",
    "useragent 1.5 -0.8",
    "resolution 1.0 -0.5",
    "platformversion 0.8 -3.0",
    "webglvendor 0.5 -4.0",
    "vendor 0.5 -4.0",
    "audio 0.5 -4.0",
    "plugins 0.5 -1.5",
    "devicememory 0.2 -5.0",
    "platform 0.0 -9.0",
    "* 0.1 -1.5",
)


@dataclass(frozen=True)
class Policy:
    """Weights, limits and half-lives. Confidences of matches are 0–1, those of relationships 1–100."""

    #: Strength of an exact fingerprint that owns, before anything is added.
    fingerprint_base: float = 0.8
    #: Added where the visitor was seen at the address before.
    fingerprint_same_address: float = 0.1
    #: Added where browser and operating system are those of the fingerprint's last visit.
    fingerprint_same_browser: float = 0.05
    #: Added where the fingerprint was seen just now; it halves with every half-life since.
    fingerprint_recency: float = 0.05
    #: Half-life of `fingerprint_recency`. Browsers update about monthly, and an update changes the fingerprint.
    fingerprint_half_life_days: float = 30.0
    #: Time for which a fingerprint that one visitor alone has is young: another like machine may only not have come yet.
    fingerprint_young_days: float = 7.0
    #: Factor of what is added for a young fingerprint, or for one of a browser with several users.
    fingerprint_young_factor: float = 0.4
    #: The collector's own confidence below which it doubts a fingerprint, and the most that follows from a young one then,
    #: where the address is another.
    fingerprint_collector_min: float = 0.5
    #: Most known jars in use at one time with which a fingerprint still owns: a browser, its private window, a test.
    fingerprint_known_jars_max: int = 3
    #: Time after which a fingerprint that one visitor has is not lost to those who come with it in passing.
    fingerprint_settled_hours: float = 24.0
    #: Longest time from the first visit to the last of who comes in passing, from one address.
    fingerprint_passing_minutes: float = 60.0
    #: Most fingerprints that one address shows within an hour, before what it shows of others' counts as in passing.
    address_fingerprints_per_hour: int = 1_000
    #: Strength of a fingerprint that one other visitor has. It is below that of every fingerprint that owns.
    fingerprint_weak_base: float = 0.75
    #: Most that a shared fingerprint and all other evidence are worth together, below every fingerprint that owns.
    fingerprint_weak_cap: float = 0.79
    #: Number of other visitors from which on a shared fingerprint proves nothing: everybody has this phone model.
    fingerprint_crowd: int = 30
    #: Strength of a fingerprint that is as like a known one as `fuzzy_min` demands.
    fuzzy_base: float = 0.6
    #: Strength of a fingerprint that is surely the known one after a change, below every exact one that owns.
    fuzzy_cap: float = 0.79
    #: Likelihood from which on a fingerprint like a known one counts as that browser's.
    fuzzy_min: float = 0.9
    #: Likelihood from which on a visit with such a fingerprint is at least probably that browser's.
    fuzzy_likely_min: float = 0.4
    #: Log-odds that two fingerprints in one bucket are one browser's, before their components are compared.
    fuzzy_prior_log_odds: float = -9.0
    #: Weights of a fingerprint's components: the name, the log-odds if two agree, and if they differ. `*` is for all others.
    fuzzy_weights: tuple[str, ...] = FUZZY_WEIGHTS
    #: Log-odds of a contradiction: another browser, another system, or a version of the browser that fell.
    fuzzy_contradiction: float = -12.0
    #: Log-odds if the known browser keeps its token, and the visit has none.
    fuzzy_token_kept: float = -5.0
    #: How often the log-odds of the collector's own confidence count, beside those of its 0.6 for a computer with Windows.
    fuzzy_collector_factor: float = 4.0
    #: Log-odds if the user whose id came with the visit used the known browser. It never decides alone.
    fuzzy_same_user: float = 3.0
    #: Most known fingerprints that a visit's is compared with: those in most of its buckets, the latest first.
    fuzzy_candidates_max: int = 5
    #: Number of fingerprints from which on a bucket proves nothing, and is skipped.
    fuzzy_crowd: int = 100
    #: Time since its last visit after which a browser with a fingerprint like the visit's is not looked at.
    fuzzy_days: float = 90.0
    #: Strength of the same browser, system and kind of device at the same address, with one other visitor there.
    ip_browser_base: float = 0.6
    #: Factor of the same browser, system and kind of device at an address, where the fingerprints are of two machines.
    ip_browser_other_machine_factor: float = 0.25
    #: Log-odds, by the components of two fingerprints, below which they are of two machines.
    fuzzy_other_machine_log_odds: float = -3.0
    #: Strength of the same address alone, with one other visitor there.
    ip_base: float = 0.4
    #: Number of other visitors from which on an address proves nothing: it is an office, a school or a carrier.
    address_crowd: int = 30
    #: Power to which the factor of sharing is raised for the address alone.
    ip_sharing_power: float = 2.0
    #: Weeks in which neighbours are looked for, this week included. Few households keep a dynamic address longer.
    address_weeks: int = 4
    #: Half-life of evidence from an address.
    address_half_life_days: float = 30.0
    #: Probability that two visits are one person's before anything is known. Evidence at or below it adds nothing.
    evidence_prior: float = 0.3
    #: Number of users who make a visitor a kiosk, by logins in the window through jars that never came back.
    kiosk_users: int = 3
    #: Length of the window in which the users of a kiosk are counted.
    kiosk_window_hours: float = 24.0
    #: Days before and after a visit in which the users of its browser are counted.
    browser_users_days: float = 30.0
    #: Most users of a browser from whom anything is inferred about others. Each of several counts for an equal part.
    browser_users_max: int = 2
    #: Most fingerprints that one browser shows within the window, where they came from as many addresses. With more, its
    #: token or `anonymousId` is no browser's.
    jar_fingerprints_max: int = 5
    #: Length of the window in which the fingerprints of a token or `anonymousId` are counted.
    jar_window_hours: float = 24.0
    #: Most identities that a tenure is probably; the strongest are kept.
    probable_max: int = 3
    #: Half-life of an inference since it was observed, unless it is observed again.
    probable_half_life_days: float = 30.0
    #: Hops over which a login is carried on: to neighbours, and from these to their neighbours.
    propagation_hops: int = 2
    #: Factor by which the confidence of what is carried on falls with every hop but the first.
    propagation_hop_factor: float = 0.5
    #: Confidence below which a login is not carried on.
    propagation_confidence_min: float = 0.1
    #: Most tenures that are probably one user's by being carried on. The others are left out, with a warning.
    propagation_max: int = 50
    #: Log-odds that two visitors who were at one address are one person's, before it is asked when they were there.
    candidate_prior_log_odds: float = -2.7
    #: Log-odds for each doubling of the days and hours in which both were at an address, weighted by how rare it is.
    candidate_same_days: float = 1.8
    #: Log-odds if both are of one class of device: two mobiles, or two desktops.
    candidate_same_class: float = -3.0
    #: Confidence from which on two visitors are offered as one person's.
    candidate_confidence_min: float = 0.3
    #: Confidence of the edges by which users and visitors are grouped into clusters.
    cluster_confidence_min: float = 0.3
    #: Most members of a cluster; a larger one is divided, by how sure its edges are.
    cluster_members_max: int = 50
    #: Most users of a household, and of a shared browser that is no kiosk.
    cluster_household_max: int = 6
    #: Days on which two browsers of one user must be in use too far apart to travel, to make a shared account.
    cluster_far_min: int = 3
    #: Confidence that reads demand, unless they name another.
    confidence_min: float = 0.5
    #: Most unverified claims of one user. More is an account that everybody uses, such as a test's.
    claims_max: int = 10_000
    #: Most unverified claims of one user within an hour.
    user_claims_per_hour: int = 1_000
    #: Most users for whom one address makes unverified claims within an hour.
    address_claims_per_hour: int = 10_000
    #: Longest path of ties from a tenure to the tenure that decides whose it is, and longest chain of merges.
    path_length_max: int = 8
    #: Most users that are linked with each other. Every read of their identity reads what is each one's.
    linked_users_max: int = 50
    #: Figure of a relationship after one login with a signature, or by the customer's server.
    relationship_verified_first: float = 99.0
    #: Figure that further such logins approach.
    relationship_verified_cap: float = 100.0
    #: Figure of a relationship after one login without a signature.
    relationship_claimed_first: float = 95.0
    #: Figure that further such logins approach.
    relationship_claimed_cap: float = 98.0
    #: Figure of a relationship after one user id that came with a visit.
    relationship_collected_first: float = 70.0
    #: Figure that further such user ids approach.
    relationship_collected_cap: float = 90.0
    #: Number of further associations that close half of the rest to the cap.
    relationship_doubling_count: float = 3.0
    #: Half-life of a relationship that is not seen again. Devices are replaced every two to three years.
    relationship_half_life_days: float = 180.0
    #: Confidence below which a faded relationship stops counting: a sweep closes it and records that.
    relationship_confidence_min: float = 2.0
    #: Time without being seen after which a sweep closes a relationship, whatever its confidence was.
    relationship_ttl_days: float = 1095.0
    #: Time without an event after which a session ends. 30 minutes is the habit of web analytics since its beginning.
    session_idle_minutes: float = 30.0
    #: Time after which a session ends in any case.
    session_max_hours: float = 24.0
    #: How late an event may arrive, such as from a phone that was offline. Later events are refused.
    late_delivery_days: float = 30.0
    #: How long events are kept, and how late they may arrive at most. With 0 they are kept for ever.
    event_retention_days: float = 0.0
    #: How long sessions without events, and collections, are kept. With 0 they are kept for ever.
    session_retention_days: float = 0.0
    #: How long addresses are kept, and what was seen at them. With 0 they are kept for ever.
    address_retention_days: float = 0.0
    #: How long the components of a fingerprint are kept after it was last shown. With 0 they are kept for ever.
    components_retention_days: float = 0.0
    #: Further user ids of this tenant that name nobody, beside those of every tenant.
    placeholder_user_ids: tuple[str, ...] = ()
    #: Whether the case of letters is part of a user id (`kept`), or `Anna` and `anna` are one user (`folded`).
    user_id_case: str = KEPT
    #: Whether a browser's signal that its user opts out (`Sec-GPC: 1`, Global Privacy Control) counts as no consent.
    gpc_is_no_consent: bool = True
    #: Whether a call with a public key is told a user id that its session did not claim.
    reveal_tied_user: bool = False

    def with_overrides(self, overrides: Mapping[str, Any]) -> "Policy":
        """Return this policy with some fields replaced.

        Raises:
            ValueError: There is no such field, or the value has the wrong type or is out of range.
        """
        # As declared: a float that somebody set to 60 is an int in this policy.
        kinds = {field.name: type(field.default) for field in dataclasses.fields(self)}
        for name, value in overrides.items():
            if name not in kinds:
                raise ValueError(f"the policy has no field {name}: it has {', '.join(sorted(kinds))}")
            wanted = (int, float) if kinds[name] is float else (list, tuple) if kinds[name] is tuple else kinds[name]
            if not isinstance(value, wanted) or (isinstance(value, bool) and kinds[name] is not bool):
                raise ValueError(f"the policy's {name} is a {kinds[name].__name__}, not {value!r}")
            if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
                raise ValueError(f"the policy's {name} is a list of texts, not {value!r}")
            is_odd = isinstance(value, list | tuple) and not all(WEIGHT.fullmatch(item) for item in value)
            if name == "fuzzy_weights" and is_odd:
                raise ValueError(f"the policy's {name} are texts such as 'canvas 3.0 -2.9', not {value!r}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"the policy's {name} is {' or '.join(CHOICES[name])}, not {value!r}")
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
        """How late an event may arrive: never so late that it would not be kept."""
        return timedelta(days=min(self.late_delivery_days, self.event_retention_days or self.late_delivery_days))

    @property
    def browser_users(self) -> timedelta:
        return timedelta(days=self.browser_users_days)

    @property
    def kiosk_window(self) -> timedelta:
        return timedelta(hours=self.kiosk_window_hours)


def range_of(name: str) -> tuple[float, float] | None:
    """Return the least and the most that a field may be; None for a field that is no number."""
    return next(((least, most) for pattern, least, most in RANGES if re.fullmatch(pattern, name)), None)


def meanings() -> dict[str, str]:
    """Return what each field means, by its name: the comment above it in the source."""
    commented = re.findall(r"((?:    #: .*\n)*)    (\w+): .* = .*\n", inspect.getsource(Policy))
    by_field, latest = dict[str, str](), ""
    for comment, name in commented:
        latest = " ".join(line.strip().removeprefix("#: ") for line in comment.splitlines()) or latest
        by_field[name] = latest
    return by_field
