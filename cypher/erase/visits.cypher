// purpose: Remove the next sessions and collections of an erasure whose events are removed; a session that one of them
//          continued takes nothing from that time on.
// access:  write
// params:  tenant STRING, erasure_id STRING, limit INTEGER
// returns: session_id STRING NULL, message_id STRING NULL
// index:   Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[:ERASES]->(:Erased)<-[:DURING]-(visit)
WHERE NOT EXISTS { (visit)-[:RECORDED]->() }
WITH erasure, visit
LIMIT $limit
OPTIONAL MATCH (before:Session)-[handover:SUCCEEDED_BY]->(visit)
SET before.erased_from = handover.at, before.erased_at = erasure.at
WITH visit, visit.session_id AS session_id, visit.message_id AS message_id
DETACH DELETE visit
RETURN session_id, message_id
