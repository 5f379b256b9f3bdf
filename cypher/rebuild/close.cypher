// purpose: Close inferences, each from a tenure to an identity.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, identity_id STRING, evidence STRING NULL}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
CALL () {
  UNWIND $rows AS row
  UNWIND [row.tenure_id, row.identity_id] AS written_id
  MATCH (written:Identity {tenant: $tenant, identity_id: written_id})
  WITH DISTINCT written
  ORDER BY written.identity_id
  SET written._lock = true
}
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH (identity:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH (tenure)-[inference:PROBABLY]->(identity)
WHERE coalesce(inference.evidence, '') = coalesce(row.evidence, '')
CREATE (tenure)-[closed:WAS_PROBABLY]->(identity)
// part: close(open: inference, at: $at, change_id: $change_id)
