"""Trust a contradicted jar again: somebody has found out that its name is one browser's."""

from dataclasses import dataclass

from graph.acts import audit
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules.policy import Policy
from graph.store import trust as store
from graph.store import visitors
from graph.transaction import Transaction

CALL = "trust"


@dataclass(frozen=True)
class Trust:
    """The caller states that a jar's name, a token or a caller's own id, is one browser's."""

    jar_id: str
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Trusted:
    """A jar that recognises its browser again, and its visitor; `changed` is False if it was not contradicted."""

    jar_id: str
    visitor_id: str
    changed: bool


def act(tx: Transaction, command: Trust) -> Trusted:
    """Let a jar recognise its browser again, and count its visitor's machines without the contradiction.

    What the jar has shown of its system and its fingerprints is forgotten, so the next visit is not contradicted by it.

    Raises:
        NotFound: There is no such jar.
    """
    tx = tx.making(command.change)
    jar = store.lock(tx, command.jar_id)
    if jar is None:
        raise NotFound(f"there is no jar {command.jar_id}", code="part_not_found")
    if jar.contradicted_at is None:
        return Trusted(command.jar_id, jar.visitor_id, changed=False)
    visitors.lock_group(tx, [jar.visitor_id])
    store.apply(tx, jar_id=command.jar_id)
    for derived in visitors.observed(tx, [jar.visitor_id]).values():
        visitors.write(tx, visitor_id=jar.visitor_id, numbers=derived.numbers(command.policy))
    audit.record(
        tx,
        audit.Trace(
            command.change,
            subjects=(f"visitor:{jar.visitor_id}",),
            act=CALL,
            before={"jarId": command.jar_id, "contradictedAt": jar.contradicted_at.isoformat()},
            after={"jarId": command.jar_id, "contradictedAt": None},
        ),
    )
    return Trusted(command.jar_id, jar.visitor_id, changed=True)
