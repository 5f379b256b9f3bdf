"""Find the jar of a call: the cookie storage of one browser, or what stands for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from flask import g

from app import context, visitor_tokens
from app.calls.arrival import Sent, anonymous_id_of
from graph.model import Method, Warned
from graph.rules.placeholders import is_placeholder


@dataclass(frozen=True)
class Jar:
    """A jar by its id; `method` says how the call named it, and `is_held` whether by a token that only its browser has."""

    id: str
    kind: str
    method: Method
    is_held: bool = True

    @classmethod
    def of_token(cls, jar_id: str, token: str) -> Self:
        """Return the jar that a visitor token names."""
        kind = jar_id.partition(":")[0] if ":" in jar_id else "issued"
        return cls(jar_id, kind, Method.TOKEN, is_held=kind == "issued" or not visitor_tokens.is_named(token))

    @classmethod
    def of_caller(cls, anonymous_id: str) -> Self:
        """Return the jar that the caller names by its own id for the browser."""
        return cls(f"caller:{anonymous_id}", "caller", Method.ANONYMOUS_ID, is_held=False)

    @classmethod
    def of_user(cls, user_id: str) -> Self:
        """Return the jar of calls that a customer's server makes for a user."""
        return cls(f"server:{user_id}", "server", Method.ANONYMOUS_ID)

    @classmethod
    def of_request(cls, anonymous_id: str) -> Self:
        """Return the jar of a browser without consent: the same for all calls of this request, and for no other."""
        jars: dict[str, Self] = g.setdefault("jars_of_request", {})
        return jars.setdefault(anonymous_id, cls.new())

    @classmethod
    def new(cls) -> Self:
        """Return a new jar, which its visitor token will name."""
        return cls(f"jar_{context.ids()()}", "issued", Method.NEW)


def spare_jar_id(jar: Jar) -> str | None:
    """Return the jar of a visit whose jar turns out to be no browser's; None for a new one.

    A page's calls in one request are of one browser, whatever its name says. A server's may be of several.
    """
    return None if context.caller().trusted or jar.method is Method.NEW else Jar.of_request(jar.id).id


def jar_of_visit(sent: Sent, received_at: datetime) -> tuple[Jar, tuple[Warned, ...]]:
    """Return the jar that a visit names, with a warning if its two names disagree; a new jar if it names none.

    The visitor token counts before `anonymousId`. Without consent neither counts.
    """
    if not sent["consent"]:
        return Jar.new(), ()
    token, anonymous_id = sent["visitor_token"], anonymous_id_of(sent)
    jar_id = visitor_tokens.read(token, context.caller().tenant) if isinstance(token, str) else None
    if token is None or jar_id is None or _is_of_nobody(jar_id):
        return (Jar.of_caller(anonymous_id) if anonymous_id else Jar.new()), ()
    jar = Jar.of_token(jar_id, token)
    if not anonymous_id or Jar.of_caller(anonymous_id).id == jar_id:
        return jar, ()
    why = "the visitor token names another browser than anonymousId; the token counts"
    return jar, (Warned("anonymous_id_disagrees", anonymous_id, why, received_at),)


def _is_of_nobody(jar_id: str) -> bool:
    """Whether a jar's name is a placeholder. Before placeholders were refused, strangers got tokens of one such jar."""
    kind, _, name = jar_id.partition(":")
    return kind == "caller" and is_placeholder(name, context.policy().placeholder_user_ids)
