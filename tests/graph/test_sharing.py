"""A fingerprint that many share: how many there are is read from its degree, and a crowd is not looked at."""

import pytest

from graph.queries import load
from graph.rules import times
from tests import given
from tests.graph.test_plans import walk
from tests.world import Graph


@pytest.mark.parametrize("name", ["init/lock", "init/gather", "split/lock_fingerprints"])
def test_a_crowd_that_shares_a_fingerprint_is_not_looked_at(name: str, graph: Graph) -> None:
    """Nor is more than two of them looked at to see that it owns nobody; only who is to be named is."""
    text, header = load(name)
    crowd = given.POLICY.fingerprint_crowd
    row = {
        "i": 0,
        "jar_id": "j-none",
        "jar_kind": "issued",
        "spare_jar_id": "j-spare",
        "message_id": None,
        "hashes": [],
        "fingerprint": "f-1",
        "alike": None,
        "has_features": True,
        "components": None,
        "features": None,
        "buckets": [],
        "fuzzy_crowd": crowd,
        "user_id": None,
        "at": times.milliseconds(given.NOON),
        "address": None,
        "browser": None,
        "os": "",
        "device_class": "",
        "weeks": [],
        "address_crowd": crowd,
        "fingerprint_crowd": crowd,
        "known_jars_max": 3,
    }
    sent = {
        "tenant": given.TENANT,
        "rows": [{key: row[key] for key in header.rows}],
        "places_max": 100,
        "users_days": given.POLICY.browser_users_days,
        "fuzzy_candidates_max": 5,
        "jar_ids": ["j-none"],
        "fingerprint": "f-1",
        "fingerprint_crowd": crowd,
    }

    def hits(sharers: int, *, merged: bool = False) -> int:
        graph.empty()
        graph.rows(
            """
            CREATE (:Jar {tenant: $tenant, jar_id: 'j-none'})
            CREATE (f:Fingerprint {tenant: $tenant, hash: 'f-1'})
            CREATE (survivor:Visitor {tenant: $tenant, visitor_id: 'v-0', root_id: 'v-0'})
            WITH f, survivor
            UNWIND range(1, $sharers) AS n
            CREATE (v:Visitor {tenant: $tenant, visitor_id: 'v-' + n, root_id: CASE WHEN $merged THEN 'v-0' ELSE 'v-' + n END, known_jars: 0, recent_users: [], latest_tenure_id: 't'})
            CREATE (v)-[:HAS_FINGERPRINT {last_seen: $at}]->(f)
            FOREACH (_ IN CASE WHEN $merged THEN [1] ELSE [] END | CREATE (v)-[:MERGED_INTO]->(survivor))
            """,
            tenant=given.TENANT,
            sharers=sharers,
            at=given.NOON,
            merged=merged,
        )
        named = {key: value for key, value in sent.items() if key in header.params}
        profile = graph.driver.execute_query(f"PROFILE {text}", named).summary.profile
        assert profile is not None
        return sum(operator["args"].get("DbHits", 0) for operator in walk(profile))

    alone, many = hits(1), hits(crowd - 1)
    assert hits(crowd - 1, merged=True) > alone
    for merged in (False, True):
        assert hits(1_000, merged=merged) < alone + crowd / 2
    if name != "init/gather":
        assert many < alone + crowd / 2


def test_a_bucket_that_is_a_crowd_is_not_looked_at(graph: Graph) -> None:
    text, _ = load("init/lock")
    crowd = given.POLICY.fuzzy_crowd
    row = {
        "jar_id": "j-new",
        "jar_kind": "issued",
        "spare_jar_id": "j-spare",
        "fingerprint": "f-new",
        "fingerprint_crowd": given.POLICY.fingerprint_crowd,
        "components": "{}",
        "features": "{}",
        "buckets": [{"band": "graphics", "key": "k"}, {"band": "fonts", "key": "k"}, {"band": "hardware", "key": "k"}],
        "fuzzy_crowd": crowd,
        "user_id": None,
        "at": times.milliseconds(given.NOON),
    }

    def hits(there: int) -> tuple[int, int]:
        """Return the cost of a look, and how many fingerprints it gives to compare."""
        graph.empty()
        graph.rows(
            """
            UNWIND ['graphics', 'fonts', 'hardware'] AS band
            CREATE (b:FuzzyBucket {tenant: $tenant, band: band, key: 'k'})
            WITH collect(b) AS buckets
            UNWIND range(1, $there) AS n
            CREATE (v:Visitor {tenant: $tenant, visitor_id: 'v-' + n, root_id: 'v-' + n, known_jars: 0, recent_users: []})
            CREATE (v)-[:HAS_FINGERPRINT {last_seen: $at}]->(f:Fingerprint {tenant: $tenant, hash: 'f-' + n, features: '{}'})
            FOREACH (b IN buckets | CREATE (f)-[:IN_BUCKET]->(b))
            """,
            tenant=given.TENANT,
            there=there,
            at=given.NOON,
        )
        with graph.driver.session() as session, session.begin_transaction() as tx:
            result = tx.run(f"PROFILE {text}", tenant=given.TENANT, rows=[row], fuzzy_candidates_max=5)
            [found] = [record["similar"] for record in result]
            profile = result.consume().profile
        assert profile is not None
        return sum(operator["args"].get("DbHits", 0) for operator in walk(profile)), len(found)

    nobody, _ = hits(0)
    few, compared = hits(crowd - 1)
    assert compared == 5
    assert few < nobody + 60 * crowd
    assert hits(20 * crowd) < (nobody + 30, 1)
