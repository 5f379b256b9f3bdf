// purpose: Tie tenures to those that their users claimed, by the fingerprint of their jars.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, above_id STRING, confidence FLOAT, evidence STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH (above:Identity {tenant: $tenant, identity_id: row.above_id})
CREATE (tenure)-[:TIED_TO {
  method: 'fingerprint',
  confidence: row.confidence,
  evidence: row.evidence,
  since: $at,
  change_id: $change_id
}]->(above)
