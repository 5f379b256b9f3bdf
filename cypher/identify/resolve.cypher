// purpose: Open the `RESOLVES_TO` of tenures: each by its own claim, or adopted from a tenure below.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, user_id STRING, method STRING, claim STRING, at ZONED DATETIME, confidence FLOAT, session_id STRING NULL}, now ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id), User(tenant, user_id)
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
CREATE (tenure)-[:RESOLVES_TO {
  method: row.method,
  claim: row.claim,
  at: row.at,
  confidence: row.confidence,
  session_id: row.session_id,
  since: $now,
  change_id: $change_id
}]->(user)
