"""Compare fingerprints by their components: one changed setting gives a new hash, and hardly changes the components.

The weights are log-likelihood ratios, as in Fellegi and Sunter's record linkage
(https://doi.org/10.1080/01621459.1969.10501049). `Policy.fuzzy_weights` has them, and says where they come from.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from graph.rules.plausibility import ABSENT, component_value
from graph.rules.policy import Policy

#: How collectors name what is compared. Names are looked up in lower case, without `_` and `-`.
NAMES: Mapping[str, str] = {
    "acceptencoding": "encoding",
    "acceptlanguage": "languages",
    "gpu": "renderer",
    "language": "languages",
    "screenresolution": "resolution",
    "timezoneoffset": "timezone",
    "ua": "useragent",
    "webglrenderer": "renderer",
    "webglhash": "webgl",
}
#: Components that hold several things to compare: FingerprintJS 5 and FingerprintJS 3 name the graphics card so.
PARTS: Mapping[str, Mapping[str, str]] = {
    "webglbasics": {"rendererUnmasked": "renderer", "vendorUnmasked": "webglvendor"},
    "videocard": {"renderer": "renderer", "vendor": "webglvendor"},
}
#: The bands of the locality-sensitive hashing: a change seldom touches all of them. A fingerprint without the first of a
#: band's components is in no bucket of the band.
BANDS: Mapping[str, tuple[str, ...]] = {
    "graphics": ("canvas", "renderer", "audio", "platform"),
    "fonts": ("fonts", "languages", "platform"),
    "hardware": ("renderer", "languages", "hardwareconcurrency", "devicememory", "audio", "platform"),
}
#: A list of at least so many texts is compared text by text, such as the fonts.
LIST_MIN = 8
#: Of longer lists, the first so many texts in the order of their digests are compared.
LIST_MAX = 512
#: No sum of weights is surer, so that its odds are a number.
LOG_ODDS_MAX = 100.0
#: FingerprintJS' confidence in its own hash, by system, and that for Windows
#: (https://github.com/fingerprintjs/fingerprintjs/blob/master/src/confidence.ts).
CONFIDENCES: Mapping[str, float] = {"iOS": 0.3, "Android": 0.4, "macOS": 0.5, "Linux": 0.7}
USUAL = 0.6
#: A collector's confidence adds no more than this.
COLLECTOR_MAX = 1.0
#: Fewer components that have a weight of their own tell no two machines apart.
COMPARED_MIN = 5
#: Stands in the weights for every component that they do not name.
OTHERS = "*"

#: What a component was: its digest, or the digests of a list's texts.
Digest = str | tuple[str, ...]


@dataclass(frozen=True)
class FuzzyBucket:
    """Where fingerprints are that agree in all components of a band; `key` is their digest."""

    band: str
    key: str


@dataclass(frozen=True)
class BrowserLook:
    """How a browser looks: the digests of its components by name, and what the user agent says.

    `version` is the browser's first number, None if it is unknown.
    """

    components: Mapping[str, Digest]
    browser: str | None
    version: int | None
    os: str | None
    at: datetime


@dataclass(frozen=True)
class KnownBrowser:
    """A fingerprint that one merge group alone has, how it looked last, and the group.

    `keeps_tokens` says that the visitor came back with a token before, and `is_of_user` that the user whose id came with the
    visit used it.
    """

    fingerprint: str
    look: BrowserLook
    group_id: str
    keeps_tokens: bool
    is_of_user: bool = False


@dataclass(frozen=True)
class Likeness:
    """How likely, 0–1, it is that a visit is of the browser that a known fingerprint is of, and the log-odds behind it.

    `agreement` is the sum of what speaks for it, `change` of what speaks against it, and `rivals` how much the other
    merge groups take away.
    """

    fingerprint: str
    group_id: str
    likelihood: float
    agreement: float
    change: float
    rivals: float

    def arithmetic(self, policy: Policy) -> dict[str, float]:
        """Return the log-odds that add up to the likelihood's."""
        return {
            "agreement": round(self.agreement, 4),
            "change": round(self.change, 4),
            "prior": policy.fuzzy_prior_log_odds,
            "rivals": -round(self.rivals, 4),
        }


@dataclass(frozen=True)
class Features:
    """What is compared of a fingerprint: the digests of its components, the same as text for the graph, and its buckets."""

    digests: Mapping[str, Digest]
    text: str
    buckets: tuple[FuzzyBucket, ...]


@lru_cache(maxsize=256)
def features(components: str) -> Features | None:
    """Return what is compared of a fingerprint with these components, which are JSON; None if it is nothing.

    It is kept, since a visit asks for it twice, and a browser that comes back sends the same again.
    """
    found = digests(components)
    return Features(found, kept(found), tuple(buckets(found))) if found else None


def digests(components: str) -> Mapping[str, Digest]:
    """Return the digest of each component of a fingerprint, by the name that is compared.

    `components` is JSON, as FingerprintJS gives it: `{"platform": {"value": "Linux x86_64"}}`. What failed or has no value
    is left out.
    """
    found: dict[str, Digest] = {}
    for name, component in json.loads(components).items():
        value = component_value(component)
        plain = _plain(name)
        if isinstance(value, Mapping) and plain in PARTS:
            for part, part_name in PARTS[plain].items():
                if value.get(part):
                    found[part_name] = _digest(value[part])
        elif value is not ABSENT and value is not None and value != "":
            found[NAMES.get(plain, plain)] = _digest(value)
    return found


def kept(looks: Mapping[str, Digest]) -> str:
    """Return digests as text for the graph."""
    return json.dumps(looks, separators=(",", ":"), sort_keys=True)


def recalled(text: str) -> dict[str, Digest]:
    """Return the digests of a kept text."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()}


def buckets(looks: Mapping[str, Digest]) -> list[FuzzyBucket]:
    """Return the buckets of a fingerprint, at most one a band."""
    return [
        FuzzyBucket(band, _digest([looks.get(name) for name in names], 8))
        for band, names in BANDS.items()
        if names[0] in looks
    ]


def judge(
    shown: BrowserLook, confidence: float | None, known: Sequence[KnownBrowser], policy: Policy
) -> list[Likeness]:
    """Return how likely a visit is to be of each merge group, the likeliest first.

    A group counts by its fingerprint that is most like the visit's. The groups are rivals: of two that are equally alike,
    none has more than half. `confidence`, 0–1, is the collector's own.
    """
    compared: dict[str, tuple[float, float, KnownBrowser]] = {}
    for each in known:
        if shown.at - each.look.at > timedelta(days=policy.fuzzy_days):
            continue
        agreement, change = compare(shown, confidence, each, policy)
        best = compared.get(each.group_id)
        if best is None or (agreement + change, each.fingerprint) > (best[0] + best[1], best[2].fingerprint):
            compared[each.group_id] = agreement, change, each
    odds = {
        group_id: math.exp(min(LOG_ODDS_MAX, agreement + change + policy.fuzzy_prior_log_odds))
        for group_id, (agreement, change, _) in compared.items()
    }
    likenesses = [
        Likeness(
            each.fingerprint,
            group_id,
            round(odds[group_id] / (1.0 + sum(odds.values())), 4),
            agreement,
            change,
            math.log1p(sum(odds.values()) - odds[group_id]),
        )
        for group_id, (agreement, change, each) in compared.items()
    ]
    return sorted(likenesses, key=lambda likeness: (-likeness.likelihood, likeness.group_id))


def compare(shown: BrowserLook, confidence: float | None, known: KnownBrowser, policy: Policy) -> tuple[float, float]:
    """Return the log-odds for a visit to be of a known browser: the sum of those for it, and of those against it."""
    log_odds = [
        _weigh(shown.components[name], known.look.components[name], *_weights(name, policy.fuzzy_weights))
        for name in sorted(shown.components.keys() & known.look.components.keys())
    ]
    for ours, theirs in ((shown.browser, known.look.browser), (shown.os, known.look.os)):
        if ours and theirs and ours != theirs:
            log_odds.append(policy.fuzzy_contradiction)
    is_older = shown.version is not None and known.look.version is not None and shown.version < known.look.version
    if is_older and shown.at >= known.look.at:
        log_odds.append(policy.fuzzy_contradiction)
    if known.is_of_user:
        log_odds.append(policy.fuzzy_same_user)
    if known.keeps_tokens:
        log_odds.append(policy.fuzzy_token_kept)
    log_odds.append(_of_collector(confidence, shown.os, policy))
    return sum(each for each in log_odds if each > 0), sum(each for each in log_odds if each < 0)


def are_of_two_machines(shown: str | None, known: str | None, policy: Policy) -> bool:
    """Whether the kept components of two fingerprints say that two machines have them; not if too few can be compared.

    One changed setting does not say so. For example, another canvas takes off 2.9, and the fonts, languages and processors
    that are the same add more.
    """
    if shown is None or known is None or shown == known:
        return False
    ours, theirs = recalled(shown), recalled(known)
    table = _table(policy.fuzzy_weights)
    names = sorted(ours.keys() & theirs.keys() & table.keys())
    if len(names) < COMPARED_MIN:
        return False
    log_odds = sum(_weigh(ours[name], theirs[name], *table[name]) for name in names)
    return log_odds < policy.fuzzy_other_machine_log_odds


def strength(likelihood: float, policy: Policy) -> float:
    """Return the strength, 0–1, of a fingerprint that is like a known one.

    From the policy's `fuzzy_min` on it rises from `fuzzy_base` to `fuzzy_cap`; below, it is `fuzzy_base` times the likelihood.
    """
    if likelihood < policy.fuzzy_min:
        return round(policy.fuzzy_base * likelihood, 4)
    part = (likelihood - policy.fuzzy_min) / (1.0 - policy.fuzzy_min) if policy.fuzzy_min < 1.0 else 1.0
    return round(policy.fuzzy_base + (policy.fuzzy_cap - policy.fuzzy_base) * part, 4)


def version(text: str | None) -> int | None:
    """Return the first number of a browser's version; None if there is none."""
    digits = (text or "").partition(".")[0]
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def _weigh(shown: Digest, known: Digest, agree: float, differ: float) -> float:
    if shown == known:
        return agree
    if isinstance(shown, str) or isinstance(known, str):
        return differ
    # Nothing in common counts like any change; nine tenths in common like most of an agreement.
    common = len(set(shown) & set(known)) / len(set(shown) | set(known))
    return differ + (0.8 * agree - differ) * max(0.0, 2.0 * common - 1.0)


def _of_collector(confidence: float | None, os: str | None, policy: Policy) -> float:
    """Return the log-odds that a collector's own confidence adds, or what FingerprintJS' would be on such a system.

    It is about how alike the machines of different people are: all phones of a model are, and computers are not.
    """
    sure = min(0.9, max(0.1, CONFIDENCES.get(os or "", USUAL) if confidence is None else confidence))
    log_odds = math.log(sure / (1.0 - sure)) - math.log(USUAL / (1.0 - USUAL))
    return min(COLLECTOR_MAX, policy.fuzzy_collector_factor * log_odds)


@lru_cache(maxsize=64)
def _table(weights: tuple[str, ...]) -> Mapping[str, tuple[float, float]]:
    table = {name: (float(agree), float(differ)) for name, agree, differ in (text.split() for text in weights)}
    return {OTHERS: (0.0, 0.0)} | table


def _weights(name: str, weights: tuple[str, ...]) -> tuple[float, float]:
    table = _table(weights)
    return table.get(name, table[OTHERS])


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _digest(value: Any, size: int = 4) -> Any:
    if isinstance(value, list) and len(value) >= LIST_MIN and all(isinstance(item, str) for item in value):
        return tuple(sorted({_digest(item, 2) for item in value})[:LIST_MAX])
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=size).hexdigest()
