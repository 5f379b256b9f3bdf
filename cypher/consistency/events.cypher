// purpose: Read a page of events by id: whether a session recorded each, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, has_session BOOLEAN, strangers LIST<STRING>
// index:   Event(tenant, event_id)
MATCH (event:Event)
USING INDEX event:Event(tenant, event_id)
WHERE event.tenant = $tenant AND event.event_id >= $first
WITH event
ORDER BY event.tenant, event.event_id
LIMIT $limit
RETURN
  event.event_id AS id,
  EXISTS { (event)<-[:RECORDED]-(:Session) } AS has_session,
  [(event)-[edge]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
