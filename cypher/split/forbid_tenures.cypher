// purpose: Open a cannot-link between two tenures: they are not the same person's.
// access:  write
// params:  tenant STRING, tenure_id STRING, other_id STRING, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
MATCH (tenure:Identity {tenant: $tenant, identity_id: $tenure_id})
MATCH (other_tenure:Identity {tenant: $tenant, identity_id: $other_id})
CREATE (tenure)-[:CANNOT_LINK {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(other_tenure)
