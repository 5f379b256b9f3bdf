// purpose: Remove the next events of an erasure, and return the message ids of those that named no session.
// access:  write
// params:  tenant STRING, erasure_id STRING, limit INTEGER
// returns: count INTEGER, message_ids LIST<STRING>
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[:ERASES]->(:Erased)<-[:DURING]-(:Session)-[:RECORDED]->(event:Event)
WITH event
LIMIT $limit
WITH event, CASE WHEN event.session_sent IS NULL THEN event.message_id END AS message_id
DETACH DELETE event
RETURN count(*) AS count, collect(message_id) AS message_ids
