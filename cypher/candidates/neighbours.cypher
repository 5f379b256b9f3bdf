// purpose: Who was seen in which weeks at the addresses where these merge groups were; a crowd is skipped, never sampled, and so
//          is a group with more addresses than a person has.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, weeks LIST<STRING>, places_max INTEGER, crowd INTEGER
// returns: visitor_id STRING, address STRING, week STRING, neighbour_ids LIST<STRING>
// index:   Visitor(tenant, root_id), BrowserAtIp(tenant, address, week)
UNWIND $visitor_ids AS visitor_id
CALL (visitor_id) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor_id})-[:SEEN_WITH]->(seen_at:BrowserAtIp)
  WHERE seen_at.week IN $weeks AND seen_at.device_class <> 'bot'
  WITH DISTINCT seen_at.address AS address, seen_at.week AS week
  LIMIT $places_max
  RETURN collect({address: address, week: week}) AS stays
}
UNWIND CASE WHEN size(stays) < $places_max THEN stays ELSE [] END AS step
WITH visitor_id, step.address AS address, step.week AS week
CALL (address, week) {
  MATCH (place:BrowserAtIp {tenant: $tenant, address: address, week: week})
  USING INDEX SEEK place:BrowserAtIp(tenant, address, week)
  WHERE place.device_class <> 'bot'
  WITH place
  LIMIT $places_max
  RETURN collect(place) AS places, sum(COUNT { (place)<-[:SEEN_WITH]-() }) AS total
}
CALL (places, total) {
  UNWIND CASE WHEN total < $places_max THEN places ELSE [] END AS place
  MATCH (place)<-[:SEEN_WITH]-(visitor_there:Visitor)
  RETURN collect(DISTINCT visitor_there.root_id) AS root_ids
}
WITH visitor_id, address, week, [root_id IN root_ids WHERE root_id <> visitor_id] AS neighbour_ids
WHERE size(neighbour_ids) > 0 AND size(neighbour_ids) < $crowd
RETURN visitor_id, address, week, neighbour_ids
