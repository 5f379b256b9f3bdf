"""The result of a command that has to wait for an earlier command of its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from graph.errors import IdentityGraphError

T = TypeVar("T")


@dataclass(frozen=True)
class Later:
    """The command met an earlier command of its group on a node that was found on the way, and has written nothing.

    `graph.groups` runs it in the next group, before newer ones, and never again with a command that found one of the same
    `keys`. The first command of a group never has this result.
    """

    keys: frozenset[str]


def only(results: Sequence[T | IdentityGraphError | Later]) -> T:
    """Return the result of a list of one command, which never has to wait; raise it if it is a refusal."""
    [result] = results
    if isinstance(result, IdentityGraphError):
        raise result
    if isinstance(result, Later):
        raise RuntimeError("a single command met no other")  # noqa: TRY004 - it is no wrong type
    return result
