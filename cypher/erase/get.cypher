// purpose: The receipt of an erasure.
// access:  read
// params:  tenant STRING, erasure_id STRING
// returns: erasure_id STRING, kind STRING, at ZONED DATETIME, finished_at ZONED DATETIME NULL, removed MAP
// index:   Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
RETURN
  erasure.erasure_id AS erasure_id,
  erasure.kind AS kind,
  erasure.at AS at,
  erasure.finished_at AS finished_at,
  // part: removed
  AS removed
