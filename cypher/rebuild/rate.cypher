// purpose: Write the confidence of inferences as their evidence gives it.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, identity_id STRING, evidence STRING NULL, confidence FLOAT}
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
WITH row
ORDER BY row.tenure_id
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH (identity:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH (tenure)-[inference:PROBABLY]->(identity)
WHERE coalesce(inference.evidence, '') = coalesce(row.evidence, '')
SET inference.confidence = row.confidence
