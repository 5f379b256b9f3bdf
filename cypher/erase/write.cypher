// purpose: Write what an erasure has removed so far, and the names that are left to look for.
// access:  write
// params:  tenant STRING, erasure_id STRING, removed MAP, names LIST<STRING>
// returns: nothing
// index:   Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
SET erasure += $removed, erasure.names = $names
