"""How long a request waits for Neo4j, by the settings of the driver."""

import pytest

from graph.database import RETRY_SECONDS, TRANSACTION_SECONDS, Database
from graph.errors import GraphUnavailable


def test_the_driver_waits_as_long_as_its_comments_say() -> None:
    database = Database.connect("bolt://127.0.0.1:1", "neo4j", "secret")
    pool = database._driver._pool
    assert pool.pool_config.connection_timeout == 2.0
    assert pool.workspace_config.connection_acquisition_timeout == 2.5
    assert (RETRY_SECONDS, TRANSACTION_SECONDS) == (1.0, 20.0)
    assert pool.workspace_config.max_transaction_retry_time == 0
    database.close()


def test_a_look_that_fails_tells_nobody_that_neo4j_is_away() -> None:
    """Who looks decides itself. It looks twice, since on a busy machine one connection may fail."""
    nowhere = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    told: list[None] = []
    nowhere.when_away.append(lambda: told.append(None))
    with pytest.raises(GraphUnavailable):
        nowhere.verify()
    assert told == []
    with pytest.raises(GraphUnavailable):
        nowhere.read(lambda tx: tx.run("RETURN 1", {}).consume())
    assert told == [None]
    nowhere.close()
