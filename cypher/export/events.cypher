// purpose: The next events of a tenure, in index order so that Neo4j sorts nothing.
// access:  read
// params:  tenant STRING, tenure_id STRING, after_at ZONED DATETIME, after_id STRING, limit INTEGER
// returns: event_id STRING, at ZONED DATETIME, session_id STRING NULL, said MAP
// index:   Event(tenant, tenure_id, at, event_id)
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, tenure_id, at, event_id)
WHERE
  event.tenant = $tenant AND
  event.tenure_id = $tenure_id AND
  event.at >= $after_at AND
  event.event_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN event.at = $after_at THEN event.event_id > $after_id ELSE true END
RETURN
  event.event_id AS event_id,
  event.at AS at,
  head([(event)<-[:RECORDED]-(session:Session) | session.session_id]) AS session_id,
  properties(event) AS said
ORDER BY event.tenant, event.tenure_id, event.at, event.event_id
LIMIT $limit
