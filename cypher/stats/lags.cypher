// purpose: How long after they happened the events came that were kept last, newest first, in index order so that Neo4j sorts
//          nothing.
// access:  read
// params:  tenant STRING, limit INTEGER
// returns: milliseconds INTEGER
// index:   Event(tenant, event_id)
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, event_id)
// Ids are in order of the time at which they were made (docs/decisions/0007).
WHERE event.tenant = $tenant AND event.event_id > ''
WITH event
ORDER BY event.tenant DESC, event.event_id DESC
LIMIT $limit
WITH event.received_at.epochMillis - event.at.epochMillis AS milliseconds
// An event that an erasure removes meanwhile is found without its times.
WHERE milliseconds IS NOT NULL
RETURN milliseconds
