// purpose: The names of the persons whose erasure is not finished.
// access:  read
// params:  tenant STRING
// returns: name STRING
// index:   Erasure(tenant, pending_since)
MATCH (erasure:Erasure)
WHERE erasure.tenant = $tenant AND erasure.pending_since IS NOT NULL
UNWIND erasure.names AS name
RETURN DISTINCT name
