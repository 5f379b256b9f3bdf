// purpose: Read a page of events by id: how many sessions recorded each, whether these are of its tenure, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, sessions INTEGER, is_of_tenure BOOLEAN, strangers LIST<STRING>
// index:   Event(tenant, event_id)
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, event_id)
WHERE event.tenant = $tenant AND event.event_id >= $first
WITH event
ORDER BY event.tenant, event.event_id
LIMIT $limit
RETURN
  event.event_id AS id,
  COUNT { (event)<-[:RECORDED]-(:Session) } AS sessions,
  NOT EXISTS {
    (event)<-[:RECORDED]-(:Session)-[:DURING]->(tenure:Tenure)
    WHERE tenure.identity_id <> coalesce(event.tenure_id, '')
  } AS is_of_tenure,
  [(event)-[edge]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
