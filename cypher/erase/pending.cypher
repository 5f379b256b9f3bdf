// purpose: The next erasure that is not finished.
// access:  read
// params:  tenant STRING
// returns: erasure_id STRING
// index:   Erasure(tenant, pending_since)
MATCH (erasure:Erasure)
WHERE erasure.tenant = $tenant AND erasure.pending_since IS NOT NULL
RETURN erasure.erasure_id AS erasure_id
LIMIT 1
