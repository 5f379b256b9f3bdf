"""Run calls on sessions, and prepare the session of a call that names a jar or a user instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from marshmallow import ValidationError

from app import context
from app.calls.arrival import TOO_EARLY, Sent, anonymous_id_of, opts_out
from app.calls.jar import Jar, spare_jar_id
from graph.acts.arrival import Arrival
from graph.acts.identify import Identify
from graph.acts.init import Init
from graph.acts.sessions import Beginning
from graph.errors import Forbidden, GraphTimeout, GraphUnavailable, IdentityGraphError
from graph.groups import Groups
from graph.model import Message, NewIds, Observed
from graph.rules.placeholders import is_placeholder
from graph.transaction import Transaction

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True)
class Prepared(Generic[C]):
    """What a call asks for; `beginning` is None if the call names its session."""

    command: C
    beginning: Beginning | None


def run_in_order(
    groups: Groups[C, R], on_session: Callable[[Transaction, C, Beginning], R], calls: Sequence[Prepared[C]]
) -> list[R | IdentityGraphError]:
    """Run calls in their order; a refusal is a result.

    Calls that name their sessions share transactions, unless one among them has to find or begin its session first:
    `on_session` does this in a transaction of the call's own.
    """

    def run_alone(call: Prepared[C]) -> R | IdentityGraphError:
        if call.beginning is None:
            return context.together(groups, [call.command])[0]
        try:
            return context.graph().write(on_session, call.command, call.beginning)
        except (GraphUnavailable, GraphTimeout):
            raise
        except IdentityGraphError as error:
            return error

    if any(call.beginning for call in calls):
        return [run_alone(call) for call in calls]
    return context.together(groups, [call.command for call in calls])


def beginning_of(sent: Sent, arrival: Arrival, *, states: bool) -> Beginning | None:
    """Return what a call needs before it: a session, or a login; None if the call names its session and nobody.

    `states` says that a user id beside a session or a browser states whose the event is, unless somebody acts for the
    user.

    Raises:
        ValidationError: The call names no session, jar or user, or a user id that names nobody in particular.
        Forbidden: The call names a user, and its key is not a secret key.
    """
    user_id, anonymous_id = sent["user_id"], anonymous_id_of(sent)
    is_stated = states and arrival.trusted and not sent["on_behalf_of"]
    stated = _login(user_id, arrival) if is_stated and user_id and _is_somebody(user_id, arrival) else None
    begins = all(warned.code != TOO_EARLY for warned in arrival.warnings)
    if sent["session_id"]:
        return Beginning(None, stated=stated) if stated else None
    if anonymous_id:
        consent = not opts_out()
        jar = Jar.of_caller(anonymous_id) if consent else Jar.of_request(anonymous_id)
        return Beginning(_visit(jar, arrival, arrival.observed, consent=consent), stated=stated, begins=begins)
    if sent["on_behalf_of"]:
        raise ValidationError(
            {"sessionId": ["Name the session, or anonymousId, of whoever acts on the user's behalf."]}
        )
    if user_id is None and sent["anonymous_id"]:
        raise ValidationError({"anonymousId": ["This id names no browser in particular: send the browser's own."]})
    if user_id is None:
        raise ValidationError({"sessionId": ["Name the session, or anonymousId, or from a secret key userId."]})
    if not arrival.trusted:
        raise Forbidden("only a secret key may name a user instead of a session", code="wrong_kind_of_key")
    if not _is_somebody(user_id, arrival):
        raise ValidationError({"userId": ["This id names nobody in particular, so there is no session of theirs."]})
    return Beginning(_visit(Jar.of_user(user_id), arrival, Observed()), _login(user_id, arrival), begins=begins)


def _is_somebody(user_id: str, arrival: Arrival) -> bool:
    return not is_placeholder(user_id, arrival.policy.placeholder_user_ids)


def _login(user_id: str, arrival: Arrival) -> Identify:
    """Return the login of a user whom a server names; it is recorded with the call's event, and not by itself."""
    return Identify(
        replace(arrival, ids=NewIds(context.ids()), warnings=()),
        message=Message("", "identify", None, ""),
        session_id="",
        user_id=user_id,
        verified=True,
        properties="{}",
    )


def _visit(jar: Jar, arrival: Arrival, observed: Observed, *, consent: bool = True) -> Init:
    return Init(
        replace(arrival, observed=observed, ids=NewIds(context.ids()), warnings=()),
        message=None,
        jar_id=jar.id,
        jar_kind=jar.kind,
        jar_method=jar.method,
        fingerprint=None,
        user_id=None,
        reset=False,
        consent=consent,
        spare_jar_id=spare_jar_id(jar),
    )
