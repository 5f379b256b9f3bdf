"""How often an act is tried, and for how long: all its tries have one deadline."""

import neo4j
import pytest

from graph.database import RACE_TRIES, Database
from graph.errors import GraphTimeout, Overtaken
from graph.transaction import Transaction
from tests.world import Graph

LOCKED = "CREATE (node:Visitor {tenant: 'shop', visitor_id: 'v-1'}) SET node._lock = true"
LOCK = "MATCH (node:Visitor {tenant: 'shop', visitor_id: 'v-1'}) SET node._lock = true"


class Tries:
    """An act that counts its tries, and then does what it was made with."""

    def __init__(self, act: str | Exception) -> None:
        self.count = 0
        self._act = act

    def __call__(self, tx: Transaction) -> None:
        self.count += 1
        if isinstance(self._act, Exception):
            raise self._act
        tx.run(self._act, {}).consume()


def test_an_act_that_waited_for_a_lock_until_its_deadline_is_not_run_again(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    tries = Tries(LOCK)
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run(LOCKED).consume()
        tx.commit()
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run(LOCK).consume()
        with pytest.raises(GraphTimeout):
            database.within(0.5).write(tries)
    assert tries.count == 1


def test_an_act_that_is_overtaken_again_and_again_is_given_up(database: Database) -> None:
    tries = Tries(Overtaken("somebody was faster"))
    with pytest.raises(Overtaken):
        database.write(tries)
    assert tries.count == RACE_TRIES


def test_an_overtaken_act_is_not_run_again_without_time_for_its_rest(database: Database) -> None:
    tries = Tries(Overtaken("somebody was faster"))
    with pytest.raises(Overtaken):
        database.within(0.001).write(tries)
    assert tries.count == 1
