// purpose: Open inferences from tenures to the identities that they probably belong to.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, identity_id STRING, method STRING, confidence FLOAT, evidence STRING, rests_on LIST<STRING>, weeks LIST<STRING>, last_seen ZONED DATETIME NULL, at ZONED DATETIME, change_id STRING}
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
WITH row
ORDER BY row.identity_id, row.tenure_id
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH (identity:Identity {tenant: $tenant, identity_id: row.identity_id})
CREATE (tenure)-[:PROBABLY {
  method: row.method,
  confidence: row.confidence,
  evidence: row.evidence,
  rests_on: row.rests_on,
  weeks: row.weeks,
  last_seen: row.last_seen,
  since: row.at,
  change_id: row.change_id
}]->(identity)
