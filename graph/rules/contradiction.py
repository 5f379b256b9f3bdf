"""Decide whether a jar's name is no browser's: a cloned profile, or an id that many browsers send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from graph.rules import times
from graph.rules.policy import Policy

#: Systems that one browser may name in turn. A phone or a tablet names the desktop's system where its user asks for the
#: desktop version of a page; Safari on an iPad does so from the beginning. By client hints each Linux is `Linux`.
_FAMILIES = {
    "iOS": "macOS",
    **dict.fromkeys(
        (
            *("Android", "Chrome OS", "Ubuntu", "Kubuntu", "Fedora", "Debian", "Linux Mint", "Arch Linux", "Mint"),
            *("openSUSE", "SUSE", "Gentoo", "CentOS", "Red Hat", "Slackware", "Mageia", "Mandriva", "PCLinuxOS"),
        ),
        "Linux",
    ),
}
#: What is no evidence about a system.
_UNKNOWN = frozenset({"", "Other", "Unknown"})
#: Classes of device that no browser changes between. A desktop is not among them, as above.
_PORTABLE = frozenset({"mobile", "tablet"})


@dataclass(frozen=True)
class Sight:
    """A fingerprint that a jar showed, and where from and when it did last."""

    at: datetime
    address: str | None
    fingerprint: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a sight from the text that the graph keeps."""
        at, address, fingerprint = text.split(" ", 2)
        return cls(times.of_milliseconds(int(at)), address or None, fingerprint)

    @property
    def text(self) -> str:
        """The sight as the graph keeps it: milliseconds since 1970, the address and the fingerprint."""
        return f"{times.milliseconds(self.at)} {self.address or ''} {self.fingerprint}"


@dataclass(frozen=True)
class Appearance:
    """What a jar has shown of its browser: the first system, the first portable class of device, and the latest sights.

    The sights are the newest of each of the latest fingerprints, and of each of the latest addresses; the newest first.
    """

    os: str | None = None
    device_class: str | None = None
    sights: tuple[Sight, ...] = ()

    @property
    def fingerprints(self) -> int:
        """How many fingerprints the sights show."""
        return len({sight.fingerprint for sight in self.sights})

    @classmethod
    def of_visit(cls, os: str | None, device_class: str | None, sight: Sight | None) -> Self:
        """Return what one visit shows; a system or a class that says nothing is None."""
        return cls(
            None if os is None or os in _UNKNOWN else os,
            device_class if device_class in _PORTABLE else None,
            () if sight is None else (sight,),
        )

    def with_visit(self, visit: "Appearance", policy: Policy) -> "Appearance":
        """Return what the jar has shown after another visit. As many sights are kept as `contradiction` needs."""
        sights = sorted({*self.sights, *visit.sights}, key=_order, reverse=True)
        window = timedelta(hours=policy.jar_window_hours)
        recent = [sight for sight in sights if sights[0].at - sight.at <= window]
        kept = {
            *_newest(recent, lambda sight: sight.fingerprint, policy.jar_fingerprints_max + 1),
            # The latest fingerprints may all be of one address, which many browsers share.
            *_newest(
                [sight for sight in recent if sight.address], lambda sight: sight.address, policy.jar_fingerprints_max
            ),
        }
        return Appearance(
            self.os or visit.os,
            self.device_class or visit.device_class,
            tuple(sight for sight in recent if sight in kept),
        )


@dataclass(frozen=True)
class Disagreement:
    """Why no one browser can have shown what a jar and a visit show; `browsers` is how many used the jar before the visit."""

    why: str
    browsers: int = 1


def contradiction(jar: Appearance, visit: Appearance, policy: Policy) -> Disagreement | None:
    """Return why no one browser can have shown both; None if one can.

    Example: with the default policy, a jar that came from Windows comes from an iPhone; or a jar shows a sixth
    fingerprint within a day, and the six came from five addresses.
    """
    if jar.os and visit.os and _family(jar.os) != _family(visit.os):
        return Disagreement(f"one browser is on one system: it was on {jar.os}, and then on {visit.os}")
    if jar.device_class and visit.device_class and jar.device_class != visit.device_class:
        why = f"one browser is on one device: it was on a {jar.device_class}, and then on a {visit.device_class}"
        return Disagreement(why)
    after = jar.with_visit(visit, policy)
    addresses = {sight.address for sight in after.sights if sight.address is not None}
    most = policy.jar_fingerprints_max
    if visit.sights and after.fingerprints > most and len(addresses) >= most:
        why = f"it showed more than {most} fingerprints from {most} addresses within {policy.jar_window_hours:g} hours"
        return Disagreement(why, browsers=jar.fingerprints)
    return None


def _family(system: str) -> str:
    return _FAMILIES.get(system, system)


def _newest(sights: Sequence[Sight], kind: Callable[[Sight], str | None], most: int) -> list[Sight]:
    """Return the newest sight of each kind, of the `most` newest kinds. The sights come with the newest first."""
    newest: dict[str | None, Sight] = {}
    for sight in sights:
        newest.setdefault(kind(sight), sight)
    return list(newest.values())[:most]


def _order(sight: Sight) -> tuple[datetime, str, str]:
    return sight.at, sight.fingerprint, sight.address or ""
