// purpose: Lock an erasure that is not finished, and read what is left to look for, and what it has removed so far.
// access:  write
// params:  tenant STRING, erasure_id STRING
// returns: kind STRING, at ZONED DATETIME, names LIST<STRING>, removed MAP
// index:   Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
SET erasure._lock = true
WITH erasure
WHERE erasure.pending_since IS NOT NULL
RETURN
  erasure.kind AS kind,
  erasure.at AS at,
  erasure.names AS names,
  // part: removed
  AS removed
