// purpose: Lock the tombstone of whoever is to be erased, so that a second call waits, and return the latest erasure that it names.
// access:  write
// params:  tenant STRING, hash STRING, hashes LIST<STRING>
// returns: erasure_id STRING, is_pending BOOLEAN
// index:   Tombstone(tenant, hash), Erasure(tenant, erasure_id)
MERGE (own:Tombstone {tenant: $tenant, hash: $hash})
SET own._lock = true
WITH own
MATCH (tombstone:Tombstone)
WHERE tombstone.tenant = $tenant AND tombstone.hash IN $hashes
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: tombstone.erasure_id})
RETURN erasure.erasure_id AS erasure_id, erasure.pending_since IS NOT NULL AS is_pending
ORDER BY erasure.at DESC
LIMIT 1
