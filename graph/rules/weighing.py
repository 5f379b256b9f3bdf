"""Weigh an inference as things are now: how many share what it rests on, and how many use the browser it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.model import Evidence, Method
from graph.rules import confidence
from graph.rules.policy import Policy

#: The parts of each kind of evidence's key, as an edge keeps it: `ip_browser`, a line break, the address, and so on.
KEYS: Mapping[Method, tuple[str, ...]] = {
    Method.FINGERPRINT: ("fingerprint",),
    Method.FUZZY_FINGERPRINT: ("fingerprint",),
    Method.IP_BROWSER: ("address", "browser", "os", "device_class"),
    Method.IP: ("address",),
}


@dataclass(frozen=True)
class UserThere:
    """A user of a browser: how often the user was associated with it, and when first and last.

    `linked_id` is the identity of all users linked with the user. Linked users count as several here: undoing a link would
    not undo what had followed from it.
    """

    user_id: str
    identity_id: str
    count: int
    first_seen: datetime
    last_seen: datetime
    linked_id: str | None = None


@dataclass(frozen=True)
class Now:
    """What counts now for the inference number `i`.

    `shared_by` is how many other merge groups there are for each piece of evidence, and `users` are those of the browser
    that it comes from.
    """

    i: int
    shared_by: Sequence[int]
    users: Sequence[UserThere]


def key(kind: Method, values: Mapping[str, str | None]) -> str:
    """Return what a piece of evidence rests on, as text."""
    return "\n".join((kind.value, *(values[name] or "" for name in KEYS[kind])))


def place(text: str) -> dict[str, object]:
    """Return what `key` was given, with the kind."""
    kind, _, rest = text.partition("\n")
    names = KEYS[Method(kind)]
    # A fingerprint is any text, with line breaks too.
    return {"kind": kind, **dict(zip(names, rest.split("\n", len(names) - 1), strict=True))}


def weigh(evidence: Sequence[Evidence], now: Now, identity_id: str, policy: Policy) -> float:
    """Return the confidence, 0–1, that pieces of evidence for an identity give together now."""
    pieces = as_now(evidence, now, identity_id, policy)
    is_alone = "before" in pieces[-1].arithmetic or "owned" in pieces[-1].arithmetic
    return pieces[-1].strength if is_alone else combined(pieces, policy)


def as_now(evidence: Sequence[Evidence], now: Now, identity_id: str, policy: Policy) -> list[Evidence]:
    """Return pieces of evidence for an identity with what they are worth now, and the factors of that.

    Only the sharing is counted anew. What the evidence was, and how old when it was seen, stays as observed.
    """
    pieces: list[Evidence] = []
    for piece, others in zip(evidence, now.shared_by, strict=True):
        arithmetic = _arithmetic(piece, others, policy)
        if "before" in arithmetic:
            arithmetic["before"] = pieces[-1].strength
        elif "sharing" in piece.arithmetic:
            arithmetic |= users_factor(len(now.users), policy)
        else:
            arithmetic["share"] = share(now.users, identity_id, policy)
        pieces.append(
            replace(piece, strength=confidence.multiplied(arithmetic), shared_by=others, arithmetic=arithmetic)
        )
    return pieces


def is_of_shared_browser(evidence: Sequence[Evidence], now: Now) -> bool:
    """Whether an inference is about one of several users of the tenure's own browser, whose fingerprint still owns."""
    return (
        len(now.users) > 1 and not any(now.shared_by) and all("sharing" not in piece.arithmetic for piece in evidence)
    )


def only_owned(evidence: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence of a fingerprint that owned, if it is that; None if the fingerprint was shared, or by more."""
    kinds = (Method.FINGERPRINT, Method.FUZZY_FINGERPRINT)
    owned = [piece for piece in evidence if piece.kind in kinds and "sharing" not in piece.arithmetic]
    return owned[0] if len(owned) == len(evidence) == 1 else None


def _arithmetic(piece: Evidence, others: int, policy: Policy) -> dict[str, float]:
    """Return the factors of a piece of evidence's strength now, without the users of the browser it comes from."""
    if "sharing" in piece.arithmetic:
        factors = {name: factor for name, factor in piece.arithmetic.items() if name != "users"}
        return {**factors, "sharing": sharing(Method(piece.kind), others, policy)}
    # The evidence is about another jar of the same visitor: the fingerprint owned then. If it is shared by now, the jars of
    # the visitor that never came back count as one more.
    if not others:
        return of_owned(piece.strength, policy)
    factors = confidence.of_shared_fingerprint(others + 1, policy)
    if doubt := piece.arithmetic.get("collector"):
        factors["collector"] = round(piece.strength / (piece.strength - doubt), 4)
    return factors


def sharing(kind: Method, others: int, policy: Policy) -> float:
    """Return the factor, 0–1, for the others who share what evidence of a kind rests on."""
    if kind in {Method.FINGERPRINT, Method.FUZZY_FINGERPRINT}:
        return confidence.of_shared_fingerprint(others, policy)["sharing"]
    if kind is Method.IP_BROWSER:
        return confidence.of_ip_browser(others, 0.0, policy)["sharing"]
    return confidence.of_ip(others, 0.0, policy)["sharing"]


def of_owned(strength: float, policy: Policy) -> dict[str, float]:
    """Return the factor of a fingerprint that owns, where the browser's several users share it.

    It is below that of every fingerprint that owns and is one person's, so that each of two equals has less than half.
    """
    return {"owned": min(strength, policy.fingerprint_weak_cap)}


def users_factor(users: int, policy: Policy) -> dict[str, float]:
    """Return the factor, 0–1, for the users of the browser that an inference comes from; nothing if it has one or none.

    A browser is not a person: with two users each has half, and with more than the policy's `browser_users_max` none has
    anything.
    """
    if users <= 1:
        return {}
    return {"users": 0.0 if users > policy.browser_users_max else round(1.0 / users, 4)}


def share(users: Sequence[UserThere], identity_id: str, policy: Policy) -> float:
    """Return the part, 0–1, that an identity has in the use of a browser, among the browser's users.

    Each counts by how often it was there, and for half as much if it was there `browser_users_days` earlier. An identity
    that is no user, such as a tenure that nobody has claimed, counts as one among equals.

    Example: Anna logged in three times and Ben once, all this week: Anna's part is 0.75.
    """
    if len(users) <= 1:
        return 1.0
    newest = max(user.last_seen for user in users)
    weights = {
        user.identity_id: user.count
        * confidence.recency((newest - user.last_seen).total_seconds(), policy.browser_users_days)
        for user in users
    }
    if identity_id not in weights:
        return round(1.0 / len(users), 4)
    return round(weights[identity_id] / sum(weights.values()), 4)


def combined(pieces: Iterable[Evidence], policy: Policy) -> float:
    """Return the confidence, 0–1, that pieces of evidence of different kinds give together."""
    caps = {
        Method.FINGERPRINT: policy.fingerprint_weak_cap,
        Method.FUZZY_FINGERPRINT: policy.fuzzy_base,
        Method.IP_BROWSER: policy.ip_browser_base,
        Method.IP: policy.ip_base,
    }
    counted = list(pieces)
    return confidence.together(
        (piece.strength for piece in counted),
        prior=policy.evidence_prior,
        cap=max(caps[Method(piece.kind)] for piece in counted),
    )
