// purpose: The next erasure that is not finished, without some.
// access:  read
// params:  tenant STRING, but LIST<STRING>
// returns: erasure_id STRING
// index:   Erasure(tenant, pending_since)
MATCH (erasure:Erasure)
WHERE erasure.tenant = $tenant AND erasure.pending_since IS NOT NULL AND NOT erasure.erasure_id IN $but
RETURN erasure.erasure_id AS erasure_id
LIMIT 1
