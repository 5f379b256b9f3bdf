// purpose: Tie the top tenure above the merged side's latest tenure to the other side's anchor.
// access:  write
// params:  tenant STRING, tenure_id STRING, anchor_id STRING, evidence STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
MATCH (tenure:Identity {tenant: $tenant, identity_id: $tenure_id})
MATCH (anchor:Identity {tenant: $tenant, identity_id: $anchor_id})
CREATE (tenure)-[:TIED_TO {
  method: 'merge',
  confidence: 1.0,
  evidence: $evidence,
  since: $at,
  change_id: $change_id
}]->(anchor)
