// purpose: Finish an erasure: forget the names that it had to look for.
// access:  write
// params:  tenant STRING, erasure_id STRING, at ZONED DATETIME
// returns: nothing
// index:   Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
SET erasure.finished_at = $at
REMOVE erasure.pending_since, erasure.names, erasure._lock
