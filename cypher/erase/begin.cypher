// purpose: Begin an erasure: what it removes is counted on it, and it keeps the names to look for until it is finished.
// access:  write
// params:  tenant STRING, erasure_id STRING, kind STRING, at ZONED DATETIME, actor STRING, names LIST<STRING>
// returns: nothing
// index:   none
CREATE (:Erasure {
  tenant: $tenant,
  erasure_id: $erasure_id,
  kind: $kind,
  at: $at,
  pending_since: $at,
  actor: $actor,
  names: $names
})
