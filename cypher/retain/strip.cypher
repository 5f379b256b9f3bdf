// purpose: Strip the next events of sessions: of what they said, if they are older than events are kept and name a
//          user, and of their addresses, if they are older than addresses are kept.
// access:  write
// params:  tenant STRING, session_ids LIST<STRING>, events_before ZONED DATETIME, addresses_before ZONED DATETIME, limit INTEGER
// returns: count INTEGER
// index:   Session(tenant, session_id)
UNWIND $session_ids AS session_id
MATCH (:Session {tenant: $tenant, session_id: session_id})-[:RECORDED]->(event:Event)
WHERE
  (
    event.at < $events_before AND
    event.is_bare IS NULL AND
    coalesce(event.user_id, event.collected_user_id, event.refused_user_id) IS NOT NULL
  ) OR
  (event.at < $addresses_before AND event.address IS NOT NULL)
WITH event
LIMIT $limit
REMOVE event.address
FOREACH (_ IN CASE WHEN event.at < $events_before THEN [1] ELSE [] END |
  SET event.properties = '{}'
  // part: bare(node: event)
)
RETURN count(*) AS count
