"""Show a tenant's policy, preview another one, and change it."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from marshmallow import ValidationError

from app import context
from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from graph.acts import policy, preview, tenants
from graph.errors import GraphTimeout
from graph.rules.policy import BY_COMMAND_ONLY, CHOICES, Policy, meanings, range_of
from graph.rules.previewing import CHANGES, Move

#: The most visitors that one call looks at. On a busy machine its time is over before: with a load of 17 on two cores, 400
#: took 6 s.
VISITORS_MAX = 2_000


def shown() -> Iterator[dict[str, Any]]:
    """Yield each field of the policy as it is now, also where a change has not reached this process yet."""
    ours, means = dataclasses.asdict(_in_force()), meanings()
    for field in dataclasses.fields(Policy):
        least, most = range_of(field.name) or (None, None)
        yield {
            "name": field.name,
            "value": ours[field.name],
            "default": field.default,
            "least": least,
            "most": most,
            "choices": CHOICES.get(field.name),
            "meaning": means[field.name],
            "by_command_only": _is_by_command_only(field.name),
        }


def run_preview(sent: Sent) -> dict[str, Any]:
    """Compare the policy with one that has other fields; nothing changes.

    Raises:
        ValidationError: A field cannot be so.
    """
    _require_possible(sent["changes"])
    before = _in_force()
    after = before.with_overrides({name: _or_default(name, value) for name, value in sent["changes"].items()})
    what_if = preview.WhatIf(before, after, context.now(), sent["sample"] / 100)
    found = preview.within(context.graph(), what_if, seconds=context.settings().call_seconds, most=VISITORS_MAX)
    listed = found.moves[: sent["limit"]]
    owners: Mapping[str, str] = {}
    # Without the time to look up whose they are, the ids of the identities tell.
    with suppress(GraphTimeout):
        owners = preview.owners(context.graph(), listed, context.settings().call_seconds * (1 - preview.LOOKING))
    return {
        "visitors": found.visitors,
        "looked_at": found.looked_at,
        "cut_by": found.cut_by,
        "counts": {change: found.changes[change] for change in CHANGES},
        "relationships": found.relationships,
        "fading_before": found.fading_before,
        "fading_after": found.fading_after,
        "moves": moved(listed, owners),
    }


def moved(moves: Sequence[Move], owners: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return moves as `MoveSchema` dumps them; `owners` has the names of identities, and those without one have their ids."""
    return [
        {
            "visitor": move.visitor_id,
            "change": move.change,
            "before": owners.get(move.before_id, move.before_id),
            "after": owners.get(move.after_id, move.after_id),
            "confidence": [move.before_confidence, move.after_confidence],
        }
        for move in moves
    ]


def run(sent: Sent, idempotency_key: str | None) -> policy.PolicySet:
    """Change fields of the policy.

    Raises:
        ValidationError: A field cannot be so, or only a command changes it.
    """
    by_command = {
        name: ["Only a command changes this field: python -m app policy set."]
        for name in sent["changes"]
        if _is_by_command_only(name)
    }
    if by_command:
        raise ValidationError({"set": by_command})
    _require_possible(sent["changes"])
    command = policy.SetPolicy(fields=sent["changes"], **by_whom(sent["reason"]))
    return once(policy.act, command, call=policy.CALL, idempotency_key=idempotency_key, kind=policy.PolicySet)


def _in_force() -> Policy:
    return tenants.policy(context.database(), context.caller().tenant)


def _require_possible(changes: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in changes.items():
        try:
            Policy().with_overrides({name: _or_default(name, value)})
        except ValueError as error:
            errors[name] = [f"{str(error)[:1].upper()}{str(error)[1:]}."]
    if errors:
        raise ValidationError({"set": errors})


def _or_default(name: str, value: Any) -> Any:
    return getattr(Policy(), name, None) if value is None else value


def _is_by_command_only(name: str) -> bool:
    return BY_COMMAND_ONLY.fullmatch(name) is not None
