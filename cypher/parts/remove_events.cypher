// purpose: Remove events (event) from sessions that stay, and return how many these are, with the message ids of those that named no
//          session.
MATCH (event)<-[:RECORDED]-(session:Session)-[:DURING]->(during:Tenure)
SET during._lock = true
SET session.events = session.events - 1
FOREACH (counted IN [during] |
  SET during.events = counted.events - 1
)
WITH event, CASE WHEN event.session_sent IS NULL THEN event.message_id END AS message_id
DETACH DELETE event
RETURN count(*) AS count, collect(message_id) AS message_ids
