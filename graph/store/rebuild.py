"""The queries of a rebuild: they read merge groups in the order of their survivors' ids, and close or rate inferences."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.queries import Nothing
from graph.query import query
from graph.rules.rebuilding import GroupFacts
from graph.transaction import Transaction


@dataclass(frozen=True)
class _KnownIdentity:
    identity_id: str
    tenure_id: str


#: Returns at most `limit` merge groups in the order of their survivors' ids, from the id `first` on.
groups = query("rebuild/groups", GroupFacts)
_known = query("rebuild/known", _KnownIdentity)
close = query("rebuild/close", Nothing)
rate = query("rebuild/rate", Nothing)


def known(tx: Transaction, identity_ids: Sequence[str]) -> dict[str, str]:
    """Return the tenure that an inference to each identity leads to; an identity without one is left out.

    It is the tenure itself, or the tenure that a user claimed last.
    """
    if not identity_ids:
        return {}
    return {row.identity_id: row.tenure_id for row in _known(tx, identity_ids=identity_ids)}
