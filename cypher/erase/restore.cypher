// purpose: Set tombstones that were kept elsewhere; of two times of one hash the later counts.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {hash STRING, at ZONED DATETIME}
// returns: nothing
// index:   Tombstone(tenant, hash)
UNWIND $rows AS row
MERGE (tombstone:Tombstone {tenant: $tenant, hash: row.hash})
SET tombstone.at = CASE WHEN tombstone.at >= row.at THEN tombstone.at ELSE row.at END
