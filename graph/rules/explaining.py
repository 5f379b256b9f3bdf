"""Say in sentences why two are one, or why they are not: what a support engineer can read out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Evidence, Method

#: What each kind of evidence is, in words.
KINDS = {
    Method.FINGERPRINT: "the same fingerprint",
    Method.FUZZY_FINGERPRINT: "a fingerprint much like a known one",
    Method.IP_BROWSER: "the same browser, system and kind of device at the same address",
    Method.IP: "the same address",
}


@dataclass(frozen=True)
class Step:
    """One step of the way from one node to the next: `visitor:ID`, `tenure:ID` or `user:ID`.

    `kind` is `uses` (a visitor's latest tenure), `tied`, `claim`, `adopted`, `probably` or `linked` (two users). `confidence` is 0–1, `evidence` is as
    it is worth now, and `change_id` names the change that made it. `is_down` says that the way goes against the edge.
    """

    kind: str
    source: str
    target: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    since: datetime | None = None
    change_id: str | None = None
    method: str | None = None
    session_id: str | None = None
    verified: bool = False
    is_down: bool = False

    @property
    def turned(self) -> "Step":
        """The same step, walked the other way."""
        return Step(**{**vars(self), "source": self.target, "target": self.source, "is_down": not self.is_down})


@dataclass(frozen=True)
class Obstacle:
    """What stands against that two are one, and what would have been needed instead."""

    kind: str
    detail: str
    needed: str | None = None


#: What a step says that needs no evidence.
_BY_FACT = {
    "uses": "{one} was used last in {other}.",
    "linked": "{one} and {other} were linked{at}: they are one person's accounts.",
    "adopted": "{one} is {other}'s at {confidence}, since a login followed on what is tied to it.",
}


def sentence(step: Step) -> str:
    """Return what a step says, with its arithmetic.

    Example: "Tenure ten_2 is tied to tenure ten_1 at 0.95, since its browser had the same fingerprint: 0.8 + 0.1 + 0.05 = 0.95."
    """
    lower, upper = (step.target, step.source) if step.is_down else (step.source, step.target)
    one, other = _named(lower), _named(upper)
    if step.kind == "claim":
        how = "with a signature or by your server" if step.verified else "on the page"
        return f"{_capital(other)} logged in {how}{_at(step.since)}, in {one}: it is theirs by that."
    if step.kind in _BY_FACT:
        return _BY_FACT[step.kind].format(
            one=_capital(one), other=other, at=_at(step.since), confidence=_number(step.confidence)
        )
    why = " and ".join(_evidence(piece) for piece in step.evidence)
    if step.kind == "tied":
        if step.method == "merge":
            return f"A merge of their visitors tied {one} to {other}."
        return f"{_capital(one)} is tied to {other} at {_number(step.confidence)}{f', by {why}' if why else ''}."
    carried = " A login there was carried on to it." if step.method == "propagated" else ""
    return (
        f"{_capital(one)} is probably {other}'s, at {_number(step.confidence)}{f', by {why}' if why else ''}.{carried}"
    )


def arithmetic(piece: Evidence) -> str:
    """Return the arithmetic of a piece of evidence, worked out.

    Examples: "0.8 + 0.1 + 0.05 = 0.95", "0.6 × 0.7962 = 0.4777".
    """
    # Kept text has them in the order of their names.
    numbers = dict(sorted(piece.arithmetic.items(), key=lambda each: each[0] != "base"))
    if not numbers:
        return _number(piece.strength)
    if "prior" in numbers:
        total = sum(numbers.values())
        terms = _signed(numbers)
        return f"log-odds {terms} = {_number(total)}, which is a strength of {_number(piece.strength)}"
    if piece.kind == Method.FINGERPRINT and not numbers.keys() & {"sharing", "owned", "before", "share"}:
        return f"{_signed(numbers)} = {_number(piece.strength)}"
    terms = " × ".join(f"{_number(number)} ({_FACTORS.get(name, name)})" for name, number in numbers.items())
    return f"{terms} = {_number(piece.strength)}"


#: What each factor is for, in words.
_FACTORS = {
    "base": "base",
    "sharing": "others share it",
    "recency": "its age",
    "machine": "another machine",
    "standing": "how sure the other is",
    "users": "the browser's users",
    "share": "their part of its use",
    "owned": "the fingerprint owned",
    "collector": "the collector doubts it",
    "likelihood": "likelihood",
    "before": "the hop before",
    "hop": "a further hop",
}


def text(steps: Sequence[Step], obstacles: Sequence[Obstacle], *, confidence: float | None) -> list[str]:
    """Return the whole answer in sentences; `confidence` is None if the two are not one."""
    if confidence is not None:
        return [f"They are the same person, at {_number(confidence)}.", *(sentence(step) for step in steps)]
    needed = [obstacle.needed for obstacle in obstacles if obstacle.needed]
    return [
        "Nothing shows that they are the same person.",
        *(obstacle.detail for obstacle in obstacles),
        *(f"Needed would be {what}." for what in dict.fromkeys(needed)),
    ]


def _evidence(piece: Evidence) -> str:
    kinds = {kind.value: words for kind, words in KINDS.items()}
    others = f", which {piece.shared_by} other{'s' if piece.shared_by != 1 else ''} share" if piece.shared_by else ""
    return f"{kinds.get(piece.kind, piece.kind)}{others} ({arithmetic(piece)})"


def _named(node: str) -> str:
    kind, _, id_ = node.partition(":")
    return f"{kind} {id_}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _at(moment: datetime | None) -> str:
    return f" at {moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _signed(numbers: dict[str, float]) -> str:
    first, *others = [number for number in numbers.values() if number] or [0.0]
    return _number(first) + "".join(f" {'-' if number < 0 else '+'} {_number(abs(number))}" for number in others)


def _number(value: float) -> str:
    return f"{round(value, 4):g}"
