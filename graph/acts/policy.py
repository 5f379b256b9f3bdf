"""Change the numbers that a tenant's identity resolution depends on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.acts import tenants
from graph.acts.messages import Answer
from graph.model import Change, NewIds
from graph.rules.policy import Policy
from graph.transaction import Transaction

CALL = "policy"


@dataclass(frozen=True)
class SetPolicy:
    """Some fields of the policy have other values from now on; None is a field's default."""

    fields: Mapping[str, Any]
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class PolicySet(Answer):
    """The fields that changed, before and after; None stands for the default. Both are empty if nothing changed."""

    before: dict[str, Any]
    after: dict[str, Any]


def act(tx: Transaction, command: SetPolicy) -> PolicySet:
    """Change fields of the policy, and record in the audit trail of `tenant:ID` those that were different before.

    Raises:
        NotFound: There is no such tenant (tenant_not_found).
        ValueError: The policy has no such field, or the field cannot have this value; the message names it.
    """
    _, was = tenants.reconfigure(tx, {}, command.fields, command.change)
    return PolicySet(before=dict(was), after={name: command.fields[name] for name in was})
