// purpose: Set tombstones: the keyed hashes of erased ids, and when they were erased.
// access:  write
// params:  tenant STRING, erasure_id STRING, at ZONED DATETIME, rows LIST<MAP> {hash STRING}
// returns: nothing
// index:   Tombstone(tenant, hash)
UNWIND $rows AS row
MERGE (tombstone:Tombstone {tenant: $tenant, hash: row.hash})
SET tombstone.at = $at, tombstone.erasure_id = $erasure_id
