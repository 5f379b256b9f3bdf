// purpose: Set tombstones: the keyed hashes of erased ids, and when they were erased.
// access:  write
// params:  tenant STRING, erasure_id STRING, at ZONED DATETIME, rows LIST<MAP> {hash STRING}
// returns: nothing
// index:   Tombstone(tenant, hash)
UNWIND $rows AS row
MERGE (tombstone:Tombstone {tenant: $tenant, hash: row.hash})
WITH tombstone
// A late batch of an older erasure takes no later time back.
WHERE tombstone.erasure_id IS NULL OR coalesce(tombstone.at <= $at, true)
SET tombstone.at = $at, tombstone.erasure_id = $erasure_id
