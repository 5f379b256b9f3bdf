"""What a login was carried on to goes with the last of the claims it comes from."""

from typing import Any

from graph.acts import init
from graph.database import Database
from graph.model import Change
from graph.store import propagate
from graph.transaction import Transaction
from tests import given
from tests.world import Graph

HOME = "203.0.113.50"


def test_an_inference_is_closed_with_the_last_of_its_claims(database: Database, graph: Graph) -> None:
    tablet, *laptops = (given.visit(fingerprint=f"f-{number}", address=HOME) for number in range(3))
    for visit in (tablet, *laptops):
        database.write(init.act, [visit])
    for laptop in laptops:
        database.write(given.log_in, given.login(laptop.arrival.ids.session, "anna"))
    [first, second] = [laptop.arrival.ids.tenure for laptop in laptops]
    assert links(graph, "PROBABLY") == [(tablet.arrival.ids.tenure, [first, second])]

    let_go(database, first)
    assert links(graph, "PROBABLY") == [(tablet.arrival.ids.tenure, [second])]
    let_go(database, second)
    assert links(graph, "PROBABLY") == []
    assert links(graph, "WAS_PROBABLY")[-1] == (tablet.arrival.ids.tenure, [second])


def let_go(database: Database, claim: str) -> None:
    def act(tx: Transaction) -> None:
        change = Change("the change", given.NOON, "key:test")
        propagate.let_go(tx.making(change), user_id="anna", claim=claim, moved_to=None, at=given.NOON)

    database.write(act)


def links(graph: Graph, kind: str) -> list[tuple[str, Any]]:
    rows = graph.rows(
        "MATCH (t:Tenure)-[p]->(:User) WHERE type(p) = $kind RETURN t.identity_id AS tenure, p.claims AS claims",
        kind=kind,
    )
    return sorted((row["tenure"], row["claims"]) for row in rows)
