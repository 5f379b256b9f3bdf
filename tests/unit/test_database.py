"""How long a request waits for Neo4j, by the settings of the driver."""

from graph.database import RETRY_SECONDS, TRANSACTION_SECONDS, Database


def test_the_driver_waits_as_long_as_its_comments_say() -> None:
    database = Database.connect("bolt://127.0.0.1:1", "neo4j", "secret")
    pool = database._driver._pool
    assert pool.pool_config.connection_timeout == 2.0
    assert pool.workspace_config.connection_acquisition_timeout == 2.5
    assert (RETRY_SECONDS, TRANSACTION_SECONDS) == (1.0, 20.0)
    database.close()
