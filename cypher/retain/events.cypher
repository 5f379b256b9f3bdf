// purpose: Remove the next events of sessions that are older than events are kept and name no user, and return the message
//          ids of those that named no session.
// access:  write
// params:  tenant STRING, session_ids LIST<STRING>, events_before ZONED DATETIME, limit INTEGER
// returns: count INTEGER, message_ids LIST<STRING>
// index:   Session(tenant, session_id)
UNWIND $session_ids AS session_id
MATCH (old:Session {tenant: $tenant, session_id: session_id})-[:DURING]->(tenure:Tenure)
MATCH (old)-[:RECORDED]->(event:Event)
WHERE
  event.at < $events_before AND
  coalesce(event.user_id, event.collected_user_id, event.refused_user_id) IS NULL
WITH tenure, old, event
LIMIT $limit
WITH tenure, old, event
ORDER BY tenure.identity_id, old.session_id
// part: remove_events
