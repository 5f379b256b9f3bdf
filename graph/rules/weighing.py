"""Weigh an inference as things are now: how many share what it rests on, and how many use the browser it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.model import Evidence, Method
from graph.rules import confidence
from graph.rules.policy import Policy

#: The parts of each kind of evidence's key, as an edge keeps it: `ip_browser`, a line break, the address, and so on.
KEYS: Mapping[Method, tuple[str, ...]] = {
    Method.FINGERPRINT: ("fingerprint",),
    Method.IP_BROWSER: ("address", "browser", "os", "device_class"),
    Method.IP: ("address",),
}


@dataclass(frozen=True)
class Now:
    """What counts now for the inference number `i`.

    `shared_by` is how many other merge groups there are for each piece of evidence, and `users` how many users the browser
    has that it comes from.
    """

    i: int
    shared_by: Sequence[int]
    users: int


def key(kind: Method, values: Mapping[str, str | None]) -> str:
    """Return what a piece of evidence rests on, as text."""
    return "\n".join((kind.value, *(values[name] or "" for name in KEYS[kind])))


def place(text: str) -> dict[str, object]:
    """Return what `key` was given, with the kind."""
    kind, *values = text.split("\n")
    return {"kind": kind, **dict(zip(KEYS[Method(kind)], values, strict=True))}


def weigh(evidence: Sequence[Evidence], now: Now, policy: Policy) -> float:
    """Return the confidence, 0–1, that pieces of evidence give together now.

    Only the sharing is counted anew. What the evidence was, and how old when it was seen, stays as observed.
    """
    pieces: list[Evidence] = []
    for piece, others in zip(evidence, now.shared_by, strict=True):
        arithmetic = {name: factor for name, factor in piece.arithmetic.items() if name != "users"}
        arithmetic["sharing"] = sharing(Method(piece.kind), others, policy)
        if "before" in arithmetic:
            arithmetic["before"] = pieces[-1].strength
        else:
            arithmetic |= users_factor(now.users, policy)
        pieces.append(replace(piece, strength=confidence.multiplied(arithmetic), shared_by=others))
    is_path = any("before" in piece.arithmetic for piece in pieces)
    return pieces[-1].strength if is_path else combined(pieces, policy)


def sharing(kind: Method, others: int, policy: Policy) -> float:
    """Return the factor, 0–1, for the others who share what evidence of a kind rests on."""
    if kind is Method.FINGERPRINT:
        return confidence.of_shared_fingerprint(others, policy)["sharing"]
    if kind is Method.IP_BROWSER:
        return confidence.of_ip_browser(others, 0.0, policy)["sharing"]
    return confidence.of_ip(others, 0.0, policy)["sharing"]


def users_factor(users: int, policy: Policy) -> dict[str, float]:
    """Return the factor, 0–1, for the users of the browser that an inference comes from; nothing if it has one or none.

    A browser is not a person: with two users each has half, and with more than the policy's `browser_users_max` none has
    anything.
    """
    if users <= 1:
        return {}
    return {"users": 0.0 if users > policy.browser_users_max else round(1.0 / users, 4)}


def combined(pieces: Iterable[Evidence], policy: Policy) -> float:
    """Return the confidence, 0–1, that pieces of evidence of different kinds give together."""
    caps = {
        Method.FINGERPRINT: policy.fingerprint_weak_cap,
        Method.IP_BROWSER: policy.ip_browser_base,
        Method.IP: policy.ip_base,
    }
    counted = list(pieces)
    return confidence.together(
        (piece.strength for piece in counted),
        prior=policy.evidence_prior,
        cap=max(caps[Method(piece.kind)] for piece in counted),
    )
